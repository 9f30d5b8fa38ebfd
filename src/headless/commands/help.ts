import { parseCommandLine } from '../args.ts'
import { defineCommand, exitCodes } from '../command.ts'
import { findCommand } from '../findCommand.ts'

/** Lists the commands, or tells how one is called. */
export default defineCommand({
  name: 'help',
  summary: 'lists the commands, or explains one',
  usage: ['help', 'help COMMAND'],
  async run(args, io) {
    const { words } = parseCommandLine(args, { flags: {}, maxWords: 1 })
    const [name] = words
    if (name !== undefined) {
      const command = findCommand(name, io.commands)
      io.print(`${command.name}: ${command.summary}`)
      for (const line of command.usage) io.print(`  ${line}`)
      return exitCodes.done
    }
    io.print('npm run bunsen -- COMMAND …')
    const width = Math.max(...[...io.commands.keys()].map((key) => key.length))
    for (const command of io.commands.values())
      io.print(`  ${command.name.padEnd(width)}  ${command.summary}`)
    io.print('help COMMAND explains one. Exit codes: 0 done, 1 fault, 2 bad input, 3 no adapter, 4 diverged.')
    return exitCodes.done
  },
})
