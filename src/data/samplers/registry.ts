import { DataError } from '../../core/errors.ts'
import type { ConfigValue } from '../../core/schema.ts'
import { createOrderedRegistry } from '../orderedRegistry.ts'
import {
  requireWindow,
  windowBatch,
  type BatchRequest,
  type ItemRequest,
  type SamplerKind,
  type TokenBatch,
} from './defineSampler.ts'

export const samplers = createOrderedRegistry<SamplerKind>(
  'samplers',
  import.meta.glob<{ default: SamplerKind }>(
    [
      './*.ts',
      '!./*.test.ts',
      '!./registry.ts',
      '!./defineSampler.ts',
      '!./placesByClass.ts',
      '!./chooseItems.ts',
    ],
    {
      eager: true,
    },
  ),
)

/** One training batch. Throws `split-too-short`. */
export function sampleBatch(
  sampler: { kind: string } & Record<string, ConfigValue>,
  request: BatchRequest,
): TokenBatch {
  return windowBatch(request.tokens, sampleStarts(sampler, request), request.seqLen)
}

/** Where the windows of one training batch begin. Throws `split-too-short`. */
export function sampleStarts(
  sampler: { kind: string } & Record<string, ConfigValue>,
  request: BatchRequest,
): Float64Array {
  const kind = samplers.get(sampler.kind)
  if (kind.of !== 'windows') throw wrongSampler(kind, 'windows')
  const { tokens, seqLen, windows = null, ...place } = request
  requireWindow(tokens, seqLen, 'train')
  if (windows === null) return kind.starts({ ...place, length: tokens.length, seqLen }, sampler)
  // As from a text of these windows and one more, in which a window may begin at each of their tokens: a place in one is it.
  const drawn = kind.starts({ ...place, length: (windows.length + 1) * seqLen, seqLen }, sampler)
  return drawn.map((start) => seqLen * windows[Math.floor(start / seqLen)]!)
}

/** Places of the items of one training batch. Throws `sampler-kind`. */
export function sampleItems(
  sampler: { kind: string } & Record<string, ConfigValue>,
  request: ItemRequest,
): Int32Array {
  const kind = samplers.get(sampler.kind)
  if (kind.of !== 'items') throw wrongSampler(kind, 'items')
  return kind.items(request, sampler)
}

/** Whether batches of this sampler are cut to what their items need. */
export function cutsBatches(id: string): boolean {
  const kind = samplers.get(id)
  return kind.of === 'items' && kind.isCut === true
}

/** Throws `sampler-kind` where it cannot draw from such data. */
export function requireSampler(id: string, of: SamplerKind['of']): void {
  const kind = samplers.get(id)
  if (kind.of !== of) throw wrongSampler(kind, of)
}

function wrongSampler({ title }: SamplerKind, of: SamplerKind['of']): DataError {
  const fitting = samplers.all.filter((other) => other.of === of)
  const data = of === 'windows' ? 'a text' : 'a set of items'
  return new DataError(`Sampler: “${title}” cannot draw from ${data}`, {
    code: 'sampler-kind',
    remedy: `Choose ${fitting.map((other) => `“${other.title}”`).join(' or ')}.`,
  })
}
