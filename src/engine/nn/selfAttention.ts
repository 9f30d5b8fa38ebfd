import { concat, reshape, split, type Tensor2D } from '../backend/tfjs.ts'
import { attention, plainAttention } from '../kernels/attention/attention.ts'
import { dense } from './dense.ts'
import type { DropoutAt } from './dropoutSites.ts'
import type { KeyValueCache } from './keyValueCache.ts'
import { norm, type NormKind } from './norm.ts'
import type { Weights } from './parameter.ts'
import { rowOfEach } from './rowOfEach.ts'

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
  /** x is one token of each sequence [B, D], and this holds those before; or they are whole, and it keeps them; none by default. */
  readonly cache?: KeyValueCache | null
  /** Dropout of the attention weights; `dropoutAt` by default. */
  readonly weightsDropoutAt?: DropoutAt
}

export interface AttentionInput extends AttentionOptions {
  /** Added to the result [B*T, D]. */
  readonly residual?: Tensor2D | null
}

/** Multi-head self-attention (Vaswani et al. 2017) of x [B*T, D]: [B*T, D]. */
export function selfAttention(x: Tensor2D, weights: Weights, options: AttentionInput): Tensor2D {
  const { name, batchSize, numHeads, numKeyHeads = numHeads, dropoutAt, residual = null } = options
  const {
    isCausal,
    rotary = null,
    hasAlibi = false,
    keyMask = null,
    weightsDropoutAt = dropoutAt,
    cache = null,
  } = options
  const packed = dense(x, weights, `${name}c_attn`) // [B*T, (H + 2 Hkv) * headDim]
  const headDim = packed.shape[1] / (numHeads + 2 * numKeyHeads)
  const qkv = withHeadNorms(packed, weights, { ...options, numKeyHeads, headDim })
  // Of single tokens only their own rows are wanted; the kernel gives them their place as it would without a cache.
  const inputs = { qkv: cache === null ? qkv : cache.put(name, qkv) }
  const all = attention(inputs, {
    ...plainAttention,
    batchSize,
    numHeads,
    numKeyHeads,
    isCausal,
    hasAlibi,
    keyMask,
    rotary: rotary && { ...rotary, rotaryDim: headDim, firstPosition: 0 },
    dropout: weightsDropoutAt(`${name}weights`),
  }) // [B*T, D]
  const mixed = cache?.row ? rowOfEach(all, cache.row, batchSize) : all
  return dense(mixed, weights, `${name}c_proj`, { residual, dropout: dropoutAt(`${name}residual`) })
}

/** The same with the queries and keys of each head normalised, side by side as before: one buffer for the kernel. */
function withHeadNorms(
  qkv: Tensor2D,
  weights: Weights,
  options: AttentionOptions & { numKeyHeads: number; headDim: number },
): Tensor2D {
  const { name, headNorm = null, numHeads, numKeyHeads, headDim } = options
  if (headNorm === null) return qkv
  const widths = [numHeads, numKeyHeads, numKeyHeads].map((heads) => heads * headDim)
  const [q, k, v] = split(qkv, widths, 1) as [Tensor2D, Tensor2D, Tensor2D]
  const calm = (part: Tensor2D, which: string): Tensor2D => {
    const heads: Tensor2D = reshape(part, [-1, headDim])
    return reshape(norm(heads, weights, { name: `${name}${which}`, ...headNorm }), part.shape)
  }
  return concat([calm(q, 'q_norm'), calm(k, 'k_norm'), v], 1)
}
