import { DeviceError } from '../../core/errors.ts'
import { formatBytes } from '../../core/formatBytes.ts'
import { bufferLimit } from '../backend/bufferLimit.ts'
import { PlannedBuffer, type BufferRange } from '../backend/plannedBuffer.ts'
import type { Command, Recording } from '../backend/recorder.ts'

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
  /** Bytes that a forward pass keeps for its backward pass; 0 where there is none. */
  readonly activationBytes: number
  /** Of all buffers; null where there are none. */
  readonly largest: LargestBuffer | null
}

export interface LargestBuffer {
  readonly sizeBytes: number
  /** Of the tensor that it holds; null where that was not told. */
  readonly shape: readonly number[] | null
  /** Label of the first program that uses it; null of a copy. */
  readonly program: string | null
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
export function placeBuffers({ commands, forwardEnds }: Recording, kept: ReadonlySet<object>): Placement {
  const lives = livesOf(commands, kept)
  // Members in the order in which they live.
  const places: { sizeBytes: number; members: Life[] }[] = []
  const bySize = [...lives].sort((a, b) => b.buffer.size - a.buffer.size || a.first - b.first)
  for (const life of bySize) {
    const free = places.filter(({ members }) => {
      const at = placeAmong(members, life)
      return at === 0 || members[at - 1]!.last < life.first
    })
    // Sizes only fall, so every free place is large enough; the smallest of them wastes least.
    const best = free.reduce<(typeof places)[number] | null>(
      (least, place) => (least === null || place.sizeBytes < least.sizeBytes ? place : least),
      null,
    )
    if (best === null) places.push({ sizeBytes: life.buffer.size, members: [life] })
    else best.members.splice(placeAmong(best.members, life), 0, life)
  }
  return {
    places: places.map(({ sizeBytes, members }) => ({
      sizeBytes,
      members: members.map(({ buffer }) => buffer),
    })),
    unplannedBytes: lives.reduce((sum, { buffer }) => sum + buffer.size, 0),
    lowerBoundBytes: busiest(lives, commands.length),
    activationBytes: Math.max(0, ...forwardEnds.map((end) => bytesAcross(lives, end))),
    largest: bySize[0] === undefined ? null : described(bySize[0], commands),
  }
}

/** How many of the members begin before the end of `life`: of these only the last one can be in its way. */
function placeAmong(members: readonly Life[], life: Life): number {
  let [low, high] = [0, members.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (members[middle]!.first > life.last) high = middle
    else low = middle + 1
  }
  return low
}

function described({ buffer, first }: Life, commands: readonly Command[]): LargestBuffer {
  const { size: sizeBytes, shape } = buffer
  const user = commands[first]!
  return { sizeBytes, shape, program: user.kind === 'dispatch' ? user.pipeline.label : null }
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

/** What a forward pass keeps, and all else that lives within a step. */
export function stepBytes({ places, activationBytes }: Placement): {
  activations: number
  workspace: number
} {
  const bytes = places.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  return { activations: activationBytes, workspace: bytes - activationBytes }
}

/** Refuses what no buffer of a device with these limits can hold. @throws DeviceError `buffer-too-large` */
export function checkPlaces(limits: GPUSupportedLimits, { largest }: Placement): void {
  const limit = bufferLimit(limits)
  if (largest === null || largest.sizeBytes <= limit.bytes) return
  const { sizeBytes, shape, program } = largest
  const name = `${program === null ? 'a copy' : `“${program}”`}${shape === null ? '' : ` [${shape.join(', ')}]`}`
  throw new DeviceError(
    `Memory plan: one buffer must stay within the ${formatBytes(limit.bytes)} of this adapter’s ${limit.name}, got ${formatBytes(sizeBytes)} for ${name}`,
    {
      code: 'buffer-too-large',
      remedy: 'Lower the batch size, the context or the width, or take a tokenizer with fewer tokens.',
      details: { sizeBytes, limit: limit.name, allowedBytes: limit.bytes },
    },
  )
}

/** Of what lives both before command `end` and from it on. */
function bytesAcross(lives: readonly Life[], end: number): number {
  return lives.reduce(
    (sum, { buffer, first, last }) => (first < end && last >= end ? sum + buffer.size : sum),
    0,
  )
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
