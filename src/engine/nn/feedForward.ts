import type { Tensor2D } from '../backend/tfjs.ts'
import { feedForward as fused } from '../kernels/feedForward/feedForward.ts'
import type { Bend } from '../kernels/linear/bends.ts'
import { layerOf } from './dense.ts'
import type { DropoutAt } from './dropoutSites.ts'
import type { Weights } from './parameter.ts'

export type FeedForwardKind = Bend | 'swiglu'

export interface FeedForwardOptions {
  /** Prefix of the weight names `c_fc`, `c_proj` and, for SwiGLU, `c_gate`, with its dot. */
  readonly name: string
  readonly activation: FeedForwardKind
  readonly dropoutAt: DropoutAt
  /** Added to the result [N, D]. */
  readonly residual?: Tensor2D | null
}

/** A bend: c_proj(bend(c_fc(x))). SwiGLU (Shazeer 2020): c_proj(silu(c_gate(x)) * c_fc(x)). x [N, D]: [N, D]. */
export function feedForward(x: Tensor2D, weights: Weights, options: FeedForwardOptions): Tensor2D {
  const { name, activation, dropoutAt, residual = null } = options
  const isGated = activation === 'swiglu'
  const layers = {
    up: layerOf(weights, `${name}c_fc`),
    down: layerOf(weights, `${name}c_proj`),
    gate: isGated ? layerOf(weights, `${name}c_gate`) : null,
  }
  const dropout = dropoutAt(`${name}residual`)
  return fused(x, layers, { activation: isGated ? 'silu' : activation, residual, dropout })
}
