import { PlannedBuffer } from '../backend/plannedBuffer.ts'
import type { Command, Recording } from '../backend/recorder.ts'
import { rangesOf } from './placement.ts'

/**
 * A recording without the commands whose results nothing reads: the output of a block that is computed again for the
 * sake of what lies within it, or the gradient of what does not learn. What is in `kept`, or was there before, counts
 * as read.
 */
export function withoutUnread({ commands, forwardEnds }: Recording, kept: ReadonlySet<object>): Recording {
  const wanted = new Set<object>(kept)
  const isRead = commands.map(() => false)
  for (let i = commands.length - 1; i >= 0; i--) {
    const command = commands[i]!
    isRead[i] = writesOf(command).some((buffer) => !(buffer instanceof PlannedBuffer) || wanted.has(buffer))
    // What is written may be in part, or on top of what is there: so it counts as read as well.
    if (isRead[i]) for (const { buffer } of rangesOf(command)) wanted.add(buffer)
  }
  return {
    commands: commands.filter((_, i) => isRead[i]),
    forwardEnds: forwardEnds.map((end) => isRead.slice(0, end).filter(Boolean).length),
  }
}

function writesOf(command: Command): object[] {
  if (command.kind === 'dispatch')
    return command.bindings.slice(0, command.writes).map(({ buffer }) => buffer)
  return [command.kind === 'copy' ? command.to.buffer : command.range.buffer]
}
