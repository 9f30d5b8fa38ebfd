import { recomputed } from '../backend/recomputed.ts'
import type { Tensor, Tensor2D } from '../backend/tfjs.ts'
import type { Weights } from './parameter.ts'

/**
 * `layer(x, weights)` under gradient checkpointing: for the backward pass only x is kept, and the layer runs again.
 * x [N, D]: what the layer gives.
 * @param names of all weights that it reads, each of which `weights` must have
 */
export function recomputedLayer(
  x: Tensor2D,
  weights: Weights,
  names: readonly string[],
  layer: (x: Tensor2D, weights: Weights) => Tensor2D,
): Tensor2D {
  const own = names.map((name) => weights.get(name)!)
  return recomputed([x, ...own], ([again, ...ownAgain]) => {
    const named = new Map<string, Tensor>(names.map((name, i) => [name, ownAgain[i]!]))
    return layer(again as Tensor2D, named)
  })
}
