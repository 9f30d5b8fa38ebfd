import type { Command } from './command.ts'

const modules = import.meta.glob<{ default: Command }>(['./commands/*.ts', '!./commands/*.test.ts'], {
  eager: true,
})

/** All commands, by name. */
export const commands: ReadonlyMap<string, Command> = collect()

function collect(): Map<string, Command> {
  const byName = new Map<string, Command>()
  for (const { default: command } of Object.values(modules)) {
    if (byName.has(command.name)) throw new Error(`commands: "${command.name}" is defined twice`)
    byName.set(command.name, command)
  }
  return new Map([...byName].sort(([a], [b]) => (a < b ? -1 : 1)))
}
