import type { Command, CommandIo } from './command.ts'

/** The exit code that shells give to a process ended by SIGINT. */
const interruptedCode = 130
/** One Ctrl-C may arrive twice, from the terminal and from the launcher. */
const repeatMs = 500

/** Speaks through the streams of this process. */
export function createProcessIo(commands: ReadonlyMap<string, Command>): CommandIo {
  let controller: AbortController | null = null
  return {
    print: (line) => void process.stdout.write(`${line}\n`),
    note: (line) => void process.stderr.write(`${line}\n`),
    draw: (text) => void process.stderr.write(text),
    isTerminal: process.stderr.isTTY === true,
    commands,
    interruptSignal() {
      controller ??= catchInterrupts()
      return controller.signal
    },
  }
}

function catchInterrupts(): AbortController {
  const controller = new AbortController()
  let firstAt = 0
  const onSignal = () => {
    if (!controller.signal.aborted) {
      firstAt = performance.now()
      controller.abort()
    } else if (performance.now() - firstAt > repeatMs) process.exit(interruptedCode)
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  return controller
}

/**
 * Waits until both output streams are handed to the system, then ends the process. Without it a pipe that is read slowly
 * would lose its end, and Dawn's threads could keep the process alive.
 */
export async function exitFlushed(code: number): Promise<never> {
  await Promise.all([flushed(process.stdout), flushed(process.stderr)])
  process.exit(code)
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || stream.writableEnded) resolve()
    else stream.write('', () => resolve())
  })
}
