import type { Tensor2D } from '../backend/tfjs.ts'
import { gelu, swiglu } from '../kernels/activations/activations.ts'
import { dense } from './dense.ts'
import type { DropoutAt } from './dropoutSites.ts'
import { dropUnits } from './dropUnits.ts'
import type { Weights } from './parameter.ts'

export type FeedForwardKind = 'gelu-tanh' | 'gelu-exact' | 'swiglu'

export interface FeedForwardOptions {
  /** Prefix of the weight names `c_fc`, `c_proj` and, for SwiGLU, `c_gate`, with its dot. */
  readonly name: string
  readonly activation: FeedForwardKind
  readonly dropoutAt: DropoutAt
}

/** GELU: c_proj(gelu(c_fc(x))). SwiGLU (Shazeer 2020): c_proj(silu(c_gate(x)) * c_fc(x)). x [N, D]: [N, D]. */
export function feedForward(x: Tensor2D, weights: Weights, options: FeedForwardOptions): Tensor2D {
  const { name, activation, dropoutAt } = options
  const up = dense(x, weights, `${name}c_fc`) // [N, H]
  const hidden =
    activation === 'swiglu'
      ? swiglu(dense(x, weights, `${name}c_gate`), up)
      : gelu(up, activation === 'gelu-tanh' ? 'tanh' : 'exact')
  return dropUnits(dense(hidden, weights, `${name}c_proj`), dropoutAt(`${name}residual`))
}
