import { ConfigError } from '../../core/errors.ts'
import { defineCommand, type Command } from '../command.ts'
import doctor from '../data/doctor.ts'
import { findCommand } from '../findCommand.ts'

const subcommands: ReadonlyMap<string, Command> = new Map(
  [doctor].map((subcommand) => [subcommand.name, subcommand]),
)

/** What is done with data without a run; each word after it is a file of `../data`. */
export default defineCommand({
  name: 'data',
  summary: 'looks at data without training',
  usage: [...subcommands.values()].flatMap(({ usage }) => usage),
  run(args, io) {
    const [name, ...rest] = args
    if (name === undefined) {
      throw new ConfigError(`command line: data needs a word, one of ${[...subcommands.keys()].join(', ')}`, {
        code: 'bad-arguments',
        remedy: 'See `npm run bunsen -- help data`.',
      })
    }
    return findCommand(name, subcommands).run(rest, io)
  },
})
