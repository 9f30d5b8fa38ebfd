import type { Tensor2D } from '../backend/tfjs.ts'
import { attention, plainAttention } from '../kernels/attention/attention.ts'
import { dense } from './dense.ts'
import type { DropoutAt } from './dropoutSites.ts'
import type { Weights } from './parameter.ts'

export interface AttentionOptions {
  /** Prefix of the weight names `c_attn` [D, 3D] (q, k, v side by side) and `c_proj` [D, D], with its dot. */
  readonly name: string
  readonly batchSize: number
  readonly seqLen: number
  readonly numHeads: number
  readonly rotary: { readonly base: number; readonly style: 'half-split' } | null
  readonly dropoutAt: DropoutAt
}

export interface AttentionInput extends AttentionOptions {
  /** Added to the result [B*T, D]. */
  readonly residual?: Tensor2D | null
}

/** Causal multi-head self-attention (Vaswani et al. 2017) of x [B*T, D]: [B*T, D]. */
export function selfAttention(x: Tensor2D, weights: Weights, options: AttentionInput): Tensor2D {
  const { name, batchSize, numHeads, rotary, dropoutAt, residual = null } = options
  const qkv = dense(x, weights, `${name}c_attn`) // [B*T, 3*D]
  const dropout = dropoutAt(`${name}weights`)
  const turn = rotary && { ...rotary, rotaryDim: qkv.shape[1] / 3 / numHeads, firstPosition: 0 }
  const mixed = attention(
    { qkv },
    {
      ...plainAttention,
      batchSize,
      numHeads,
      numKeyHeads: numHeads,
      isCausal: true,
      rotary: turn,
      dropout,
    },
  ) // [B*T, D]
  return dense(mixed, weights, `${name}c_proj`, { residual, dropout: dropoutAt(`${name}residual`) })
}
