import { recomputed } from '../backend/recomputed.ts'
import type { Tensor, Tensor2D } from '../backend/tfjs.ts'
import type { Weights } from './parameter.ts'

/**
 * `layer(inputs, weights)` under gradient checkpointing: for the backward pass only the inputs are kept, and the layer
 * runs again. What is differentiated must be among inputs and weights.
 * @param inputs each [N, D]
 * @param names of all weights that it reads, each of which `weights` must have
 */
export function recomputedLayer<T extends readonly Tensor2D[]>(
  inputs: T,
  weights: Weights,
  names: readonly string[],
  layer: (inputs: T, weights: Weights) => Tensor2D,
): Tensor2D {
  const own = names.map((name) => weights.get(name)!)
  return recomputed([...inputs, ...own], (again) => {
    const named = new Map<string, Tensor>(names.map((name, i) => [name, again[inputs.length + i]!]))
    return layer(again.slice(0, inputs.length) as unknown as T, named)
  })
}
