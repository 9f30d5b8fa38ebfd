import type { CommandIo } from '../../src/headless/command.ts'

/** Where a command prints in a test: `lines` has its standard output, `notes` what it says beside; nothing interrupts it. */
export function recordingIo(): { io: CommandIo; lines: string[]; notes: string[] } {
  const lines: string[] = []
  const notes: string[] = []
  const io: CommandIo = {
    print: (line) => lines.push(line),
    note: (line) => notes.push(line),
    draw() {},
    isTerminal: false,
    commands: new Map(),
    interruptSignal: () => new AbortController().signal,
  }
  return { io, lines, notes }
}
