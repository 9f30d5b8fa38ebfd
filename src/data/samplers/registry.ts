import type { ConfigValue } from '../../core/schema.ts'
import { createOrderedRegistry } from '../orderedRegistry.ts'
import {
  requireWindow,
  windowBatch,
  type BatchRequest,
  type SamplerKind,
  type TokenBatch,
} from './defineSampler.ts'

export const samplers = createOrderedRegistry<SamplerKind>(
  'samplers',
  import.meta.glob<{ default: SamplerKind }>(
    ['./*.ts', '!./*.test.ts', '!./registry.ts', '!./defineSampler.ts'],
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
  requireWindow(request.tokens, request.seqLen, 'train')
  return windowBatch(request.tokens, samplers.get(sampler.kind).starts(request, sampler), request.seqLen)
}
