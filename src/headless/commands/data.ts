import { ConfigError } from '../../core/errors.ts'
import { defineCommand, type Command } from '../command.ts'
import { findCommand } from '../findCommand.ts'
import doctor from './data/doctor.ts'
import drift from './data/drift.ts'
import inspect from './data/inspect.ts'

/** What can be done with data without training on them, by its own name. */
const parts: readonly Command[] = [inspect, doctor, drift]
const byName: ReadonlyMap<string, Command> = new Map(parts.map((part) => [part.name, part]))

/** `data NAME …`: one of the files of `data/`. */
export default defineCommand({
  name: 'data',
  summary: 'looks at data without training',
  usage: parts.flatMap(({ name, summary, usage }) => [
    ...usage.map((line, i) => (i === 0 ? `data ${line}` : line)),
    `  ${name}: ${summary}`,
  ]),
  async run(args, io) {
    const [name, ...rest] = args
    if (name === undefined)
      throw new ConfigError(`command line: data needs a word, one of ${[...byName.keys()].join(', ')}`, {
        code: 'bad-arguments',
        remedy: 'See `npm run bunsen -- help data`.',
      })
    return findCommand(name, byName).run(rest, io)
  },
})
