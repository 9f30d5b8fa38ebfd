import { concat, reshape, split, type Tensor2D } from '../backend/tfjs.ts'
import { attention, plainAttention, type AttentionInputs } from '../kernels/attention/attention.ts'
import { dense } from './dense.ts'
import type { DropoutAt } from './dropoutSites.ts'
import { norm, type NormKind } from './norm.ts'
import type { Weights } from './parameter.ts'

export interface AttentionOptions {
  /**
   * Prefix of the weight names `c_attn` [D, (H + 2 Hkv) * headDim] (q, k, v side by side) and `c_proj` [D, D], with its
   * dot; with `headNorm` also `q_norm` and `k_norm` [headDim].
   */
  readonly name: string
  readonly batchSize: number
  readonly numHeads: number
  /** Heads of keys and values, a divisor of `numHeads`; as many by default. */
  readonly numKeyHeads?: number
  /** Whether a place sees those before it only. */
  readonly isCausal: boolean
  /** Rotary positions (Su et al. 2021) on the whole head; none by default. */
  readonly rotary?: { readonly base: number; readonly style: 'half-split' | 'interleaved' } | null
  /** Scores fall with distance (Press et al. 2022). */
  readonly hasAlibi?: boolean
  /** int32 [B, T], 1 for places that are there; all by default. */
  readonly keyMask?: Tensor2D | null
  /** Normalises queries and keys, head by head, before positions (Henry et al. 2020, Dehghani et al. 2023). */
  readonly headNorm?: { readonly kind: NormKind; readonly epsilon: number } | null
  readonly dropoutAt: DropoutAt
}

export interface AttentionInput extends AttentionOptions {
  /** Added to the result [B*T, D]. */
  readonly residual?: Tensor2D | null
}

/** Multi-head self-attention (Vaswani et al. 2017) of x [B*T, D]: [B*T, D]. */
export function selfAttention(x: Tensor2D, weights: Weights, options: AttentionInput): Tensor2D {
  const { name, batchSize, numHeads, numKeyHeads = numHeads, dropoutAt, residual = null } = options
  const { isCausal, rotary = null, hasAlibi = false, keyMask = null, headNorm = null } = options
  const qkv = dense(x, weights, `${name}c_attn`) // [B*T, (H + 2 Hkv) * headDim]
  const headDim = qkv.shape[1] / (numHeads + 2 * numKeyHeads)
  const inputs: AttentionInputs =
    headNorm === null ? { qkv } : withHeadNorms(qkv, weights, { ...options, numKeyHeads, headDim })
  const mixed = attention(inputs, {
    ...plainAttention,
    batchSize,
    numHeads,
    numKeyHeads,
    isCausal,
    hasAlibi,
    keyMask,
    rotary: rotary && { ...rotary, rotaryDim: headDim, firstPosition: 0 },
    dropout: dropoutAt(`${name}weights`),
  }) // [B*T, D]
  return dense(mixed, weights, `${name}c_proj`, { residual, dropout: dropoutAt(`${name}residual`) })
}

function withHeadNorms(
  qkv: Tensor2D,
  weights: Weights,
  {
    name,
    headNorm,
    numHeads,
    numKeyHeads,
    headDim,
  }: AttentionOptions & { numKeyHeads: number; headDim: number },
): AttentionInputs {
  const widths = [numHeads, numKeyHeads, numKeyHeads].map((heads) => heads * headDim)
  const [q, k, v] = split(qkv, widths, 1) as [Tensor2D, Tensor2D, Tensor2D]
  const calm = (part: Tensor2D, which: string): Tensor2D => {
    const heads: Tensor2D = reshape(part, [-1, headDim])
    return reshape(norm(heads, weights, { name: `${name}${which}`, ...headNorm! }), part.shape)
  }
  return { q: calm(q, 'q_norm'), kv: concat([calm(k, 'k_norm'), v], 1) }
}
