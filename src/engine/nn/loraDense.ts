import { add, matMul, mul, type Tensor2D } from '../backend/tfjs.ts'
import { linear } from '../kernels/linear/linear.ts'
import { dense } from './dense.ts'
import { matrixOf, type Weights } from './parameter.ts'

export interface LoraOptions {
  readonly alpha: number
  /** Scale by alpha / sqrt(rank) (Kalajdzievski 2023) instead of alpha / rank. */
  readonly isRankStabilised: boolean
}

/**
 * A layer with an adapter of low rank (Hu et al. 2021): dense(x) + scale * x * A * B. Weights besides those of `dense`:
 * `<name>.lora_A.weight` [in, rank] and `<name>.lora_B.weight` [rank, out].
 * @param x [N, in]
 * @returns [N, out]
 */
export function loraDense(x: Tensor2D, weights: Weights, name: string, options: LoraOptions): Tensor2D {
  const { down, up } = adapterOf(weights, name)
  const low = mul<Tensor2D>(linear(x, down, null), scaleOf(down, options)) // [N, rank]
  return linear(low, up, null, { residual: dense(x, weights, name) })
}

/** The one matrix [in, out] that does what the layer and its adapter do. */
export function mergedLora(weights: Weights, name: string, options: LoraOptions): Tensor2D {
  const { down, up } = adapterOf(weights, name)
  return add(matrixOf(weights, `${name}.weight`), mul(matMul(down, up), scaleOf(down, options)))
}

function adapterOf(weights: Weights, name: string): { down: Tensor2D; up: Tensor2D } {
  return {
    down: matrixOf(weights, `${name}.lora_A.weight`),
    up: matrixOf(weights, `${name}.lora_B.weight`),
  }
}

function scaleOf(down: Tensor2D, { alpha, isRankStabilised }: LoraOptions): number {
  const rank = down.shape[1]
  return alpha / (isRankStabilised ? Math.sqrt(rank) : rank)
}
