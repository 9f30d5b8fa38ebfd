import { PlannedBuffer, type BufferRange } from '../backend/plannedBuffer.ts'
import type { Command, Recording } from '../backend/recorder.ts'
import { rangesOf } from './placement.ts'

/**
 * What keeps two recordings of the same function, made with other numbers on the host, from being the same: null, or
 * words for people. Only the same recording twice can be replayed: a number that the host makes anew each time (a mask
 * from a generator on the host, a step number in a constant) would be frozen.
 */
export function differenceOf(a: Recording, b: Recording): string | null {
  if (a.commands.length !== b.commands.length) {
    return `${a.commands.length} commands at one step and ${b.commands.length} at another`
  }
  for (const [i, command] of a.commands.entries()) {
    const difference = differenceOfCommands(command, b.commands[i]!)
    if (difference !== null) return difference
  }
  return null
}

function differenceOfCommands(a: Command, b: Command): string | null {
  if (a.kind !== b.kind) return `${nameOf(a)} at one step and ${nameOf(b)} at another`
  const isSameProgram =
    a.kind !== 'dispatch' ||
    b.kind !== 'dispatch' ||
    (a.pipeline === b.pipeline && a.grid.every((size, axis) => size === b.grid[axis]))
  if (!isSameProgram) return `${nameOf(a)} at one step and ${nameOf(b)} at another`
  const [ours, theirs] = [rangesOf(a), rangesOf(b)]
  const at = ours.findIndex((range, i) => !isSame(range, theirs[i]!))
  return at < 0
    ? null
    : `${describe(ours[at]!)}, which ${nameOf(a)} reads and which is not the same at every step`
}

function isSame(a: BufferRange, b: BufferRange): boolean {
  if (a.offset !== b.offset || a.size !== b.size) return false
  if (!(a.buffer instanceof PlannedBuffer) || !(b.buffer instanceof PlannedBuffer))
    return a.buffer === b.buffer
  const [ours, theirs] = [a.buffer.contents, b.buffer.contents]
  if (ours === null || theirs === null) return ours === theirs
  const [words, others] = [new Uint8Array(ours), new Uint8Array(theirs)]
  return words.length === others.length && words.every((byte, i) => byte === others[i])
}

function nameOf(command: Command): string {
  return command.kind === 'dispatch' ? `“${command.pipeline.label}”` : `a ${command.kind}`
}

function describe({ buffer, size }: BufferRange): string {
  const isMade = buffer instanceof PlannedBuffer && buffer.contents !== null
  return `${isMade ? 'a constant made on the host' : 'a tensor'} of ${size} bytes`
}
