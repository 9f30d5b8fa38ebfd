import { concat, type Tensor2D, type Tensor3D } from '../backend/tfjs.ts'
import { attention, plainAttention } from '../kernels/attention/attention.ts'
import { meanWeights } from './attentionWeights.ts'
import { dense } from './dense.ts'
import type { DropoutAt } from './dropoutSites.ts'
import type { KeyValueCache } from './keyValueCache.ts'
import type { Weights } from './parameter.ts'

export interface CrossAttentionOptions {
  /** Prefix of the weight names `q_attn` [D, D], `k_attn`, `v_attn` [M, Hkv * headDim], `c_proj` [D, D], with its dot. */
  readonly name: string
  readonly batchSize: number
  readonly numHeads: number
  /** Heads of keys and values, a divisor of `numHeads`; as many by default. */
  readonly numKeyHeads?: number
  /** int32 [B, Tk], 1 for rows of the memory that are there; null for all. */
  readonly keyMask: Tensor2D | null
  readonly dropoutAt: DropoutAt
  /** Dropout of the attention weights; `dropoutAt` by default. */
  readonly weightsDropoutAt?: DropoutAt
  /** Keeps keys and values of the memory, or has them already; none by default. */
  readonly cache?: KeyValueCache | null
  /** Added to the result [B*Tq, D]. */
  readonly residual?: Tensor2D | null
  /** Is shown the attention weights, mean over heads: [B, Tq, Tk]. For looking at; computed beside the attention itself. */
  readonly onWeights?: (weights: Tensor3D) => void
}

/**
 * Multi-head attention (Vaswani et al. 2017) of x [B*Tq, D] to memory [B*Tk, M]: [B*Tq, D]. With x as its own memory
 * it is full self-attention. memory is null where the cache has its keys and values.
 */
export function crossAttention(
  x: Tensor2D,
  memory: Tensor2D | null,
  weights: Weights,
  options: CrossAttentionOptions,
): Tensor2D {
  const { name, batchSize, numHeads, numKeyHeads = numHeads, keyMask, dropoutAt, residual = null } = options
  const { weightsDropoutAt = dropoutAt, cache = null } = options
  const q = dense(x, weights, `${name}q_attn`) // [B*Tq, D]
  const made = (): Tensor2D => {
    const parts = ['k_attn', 'v_attn'].map((part) => dense(memory!, weights, `${name}${part}`))
    return concat(parts, 1)
  }
  const kv = cache === null ? made() : cache.ofMemory(name, made) // [B*Tk, 2 * Hkv * headDim]
  const dropout = weightsDropoutAt(`${name}weights`)
  const sizes = { batchSize, numHeads, numKeyHeads }
  options.onWeights?.(meanWeights({ q, kv }, { ...sizes, keyMask }))
  const mixed = attention({ q, kv }, { ...plainAttention, ...sizes, keyMask, dropout }) // [B*Tq, D]
  return dense(mixed, weights, `${name}c_proj`, { residual, dropout: dropoutAt(`${name}residual`) })
}
