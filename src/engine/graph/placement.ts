import { PlannedBuffer, type BufferRange } from '../backend/plannedBuffer.ts'
import type { Command } from '../backend/recorder.ts'

/** Buffers that take turns in one place, and its size. */
export interface Place {
  readonly sizeBytes: number
  readonly members: readonly PlannedBuffer[]
}

export interface Placement {
  /** Largest first. */
  readonly places: readonly Place[]
  /** Bytes if nothing took turns. */
  readonly unplannedBytes: number
  /** Bytes that are in use at the busiest command: no plan needs less. */
  readonly lowerBoundBytes: number
}

interface Life {
  readonly buffer: PlannedBuffer
  first: number
  last: number
}

export function rangesOf(command: Command): readonly BufferRange[] {
  if (command.kind === 'dispatch') return command.bindings
  return command.kind === 'copy' ? [command.from, command.to] : [command.range]
}

/**
 * Greedy by size (Pisarchyk and Lee 2020, "Efficient memory management for deep neural net inference"): the largest
 * buffers first, each into the place that it fits best among those whose members live at other times. Constants are
 * left out; what is in `kept` lives to the end.
 */
export function placeBuffers(commands: readonly Command[], kept: ReadonlySet<object>): Placement {
  const lives = livesOf(commands, kept)
  const places: { sizeBytes: number; members: Life[] }[] = []
  const bySize = [...lives].sort((a, b) => b.buffer.size - a.buffer.size || a.first - b.first)
  for (const life of bySize) {
    const free = places.filter(({ members }) =>
      members.every(({ first, last }) => last < life.first || first > life.last),
    )
    // Sizes only fall, so every free place is large enough; the smallest of them wastes least.
    const best = free.reduce<(typeof places)[number] | null>(
      (least, place) => (least === null || place.sizeBytes < least.sizeBytes ? place : least),
      null,
    )
    if (best === null) places.push({ sizeBytes: life.buffer.size, members: [life] })
    else best.members.push(life)
  }
  return {
    places: places.map(({ sizeBytes, members }) => ({
      sizeBytes,
      members: members.map(({ buffer }) => buffer),
    })),
    unplannedBytes: lives.reduce((sum, { buffer }) => sum + buffer.size, 0),
    lowerBoundBytes: busiest(lives, commands.length),
  }
}

function livesOf(commands: readonly Command[], kept: ReadonlySet<object>): Life[] {
  const lives = new Map<PlannedBuffer, Life>()
  commands.forEach((command, i) => {
    for (const { buffer } of rangesOf(command)) {
      if (!(buffer instanceof PlannedBuffer) || buffer.contents !== null) continue
      const life = lives.get(buffer) ?? { buffer, first: i, last: i }
      life.last = kept.has(buffer) ? commands.length : i
      lives.set(buffer, life)
    }
  })
  return [...lives.values()]
}

function busiest(lives: readonly Life[], length: number): number {
  const changes = new Float64Array(length + 2)
  for (const { buffer, first, last } of lives) {
    changes[first]! += buffer.size
    changes[last + 1]! -= buffer.size
  }
  let bytes = 0
  let most = 0
  for (const change of changes) {
    bytes += change
    most = Math.max(most, bytes)
  }
  return most
}
