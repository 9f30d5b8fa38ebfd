import { findCommand } from '../findCommand.ts'
import { defineCommand, type Command } from '../command.ts'
import inspect from './data/inspect.ts'

/** What can be done with data without training on them, by its own name: one line each. */
const parts: readonly Command[] = [
  inspect, //
]

/** `data NAME …`: one of the files of `data/`. */
export default defineCommand({
  name: 'data',
  summary: 'says what files hold',
  usage: parts.flatMap(({ name, summary, usage }) => [
    ...usage.map((line, i) => (i === 0 ? `data ${line}` : line)),
    `  ${name}: ${summary}`,
  ]),
  async run(args, io) {
    const [name = '', ...rest] = args
    const byName = new Map(parts.map((part) => [part.name, part]))
    return findCommand(name, byName).run(rest, io)
  },
})
