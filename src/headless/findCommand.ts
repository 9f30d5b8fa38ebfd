import { ConfigError } from '../core/errors.ts'
import { nearestName } from '../core/schema.ts'
import type { Command } from './command.ts'

/** Throws ConfigError `unknown-command` with the nearest name. */
export function findCommand(name: string, among: ReadonlyMap<string, Command>): Command {
  const command = among.get(name)
  if (command) return command
  const near = nearestName(name, [...among.keys()])
  throw new ConfigError(`command line: there is no command "${name}"`, {
    code: 'unknown-command',
    remedy: near === null ? 'See `npm run bunsen -- help`.' : `Did you mean ${near}?`,
  })
}
