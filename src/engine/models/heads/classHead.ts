import type { Tensor2D } from '../../backend/tfjs.ts'
import { dense } from '../../nn/dense.ts'
import { spread } from '../../nn/initialization.ts'
import type { ParameterSpec, Weights } from '../../nn/parameter.ts'
import type { Head, ModelOutput, ProjectionHead } from '../modelInputs.ts'

/** A head of items: it knows no places. */
export type ItemHead = Exclude<Head, { kind: 'tokens' }>

/** `<name>.weight` [width, count] and `<name>.bias` [count] of a head of classes; nothing for a head of another kind. */
export function classHeadParameters(
  name: string,
  width: number,
  head: Head | ProjectionHead,
): ParameterSpec[] {
  if (head.kind !== 'classes') return []
  return [
    { name: `${name}.weight`, shape: [width, head.count], kind: 'head', init: spread },
    { name: `${name}.bias`, shape: [head.count], kind: 'vector', init: { kind: 'constant', value: 0 } },
  ]
}

/** The vectors of items [B, D] and, where the model has the head `name`, the scores of their classes [B, C]. */
export function withClassScores(pooled: Tensor2D, weights: Weights, name: string): ModelOutput {
  const hasHead = weights.get(`${name}.weight`) !== undefined
  return hasHead ? { pooled, logits: dense(pooled, weights, name) } : { pooled }
}
