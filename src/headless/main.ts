import { commands } from './commands.ts'
import { describeError, exitCodeOf } from './exitCode.ts'
import { findCommand } from './findCommand.ts'
import { createProcessIo, exitFlushed } from './io.ts'

/** Runs `COMMAND …` of the command line and resolves to the exit code; errors are told on standard error. */
async function main(args: readonly string[]): Promise<number> {
  const io = createProcessIo(commands)
  const [first = 'help', ...rest] = args
  try {
    const isHelp = first === '--help' || first === '-h'
    if (rest.includes('--help') || rest.includes('-h'))
      return await findCommand('help', commands).run([first], io)
    return await findCommand(isHelp ? 'help' : first, commands).run(rest, io)
  } catch (error) {
    for (const line of describeError(error)) io.note(line)
    return exitCodeOf(error)
  }
}

// A reader that goes away (`… | head`) is not an error of the command.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

await exitFlushed(await main(process.argv.slice(2)))
