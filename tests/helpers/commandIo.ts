import type { CommandIo } from '../../src/headless/command.ts'

/** Where a command prints in a test: `lines` has its standard output; nothing interrupts it. */
export function recordingIo(): { io: CommandIo; lines: string[] } {
  const lines: string[] = []
  const io: CommandIo = {
    print: (line) => lines.push(line),
    note() {},
    draw() {},
    isTerminal: false,
    commands: new Map(),
    interruptSignal: () => new AbortController().signal,
  }
  return { io, lines }
}
