import { ShapeError } from '../../../core/errors.ts'
import type { Tensor2D } from '../../backend/tfjs.ts'
import { checkRate, type DropoutOptions } from '../dropout/dropout.ts'
import { fusedBackend } from '../mode.ts'
import { checkTensor } from '../shapes.ts'
import { fusedAttention, fitsKernel } from './attentionKernel.ts'
import { attentionTwin } from './attentionTwin.ts'
import type { RotaryOptions } from './rotary.ts'

export interface AttentionOptions {
  readonly batchSize: number
  readonly numHeads: number
  /** Heads of keys and values, a divisor of `numHeads`: query head h reads head floor(h / (numHeads / numKeyHeads)). */
  readonly numKeyHeads: number
  /** Query i sees keys 0..i. Needs as many keys as queries. */
  readonly isCausal: boolean
  /** Sees only keys at a distance below this; null for all. */
  readonly windowSize: number | null
  /** Adds -slope · |i - j| to the scores (ALiBi, Press et al. 2022). */
  readonly hasAlibi: boolean
  /** Multiplies the scores; null for 1 / sqrt(headDim). */
  readonly scale: number | null
  /** int32 [B, Tk], 1 for keys that are there. A query that sees no key gives 0, and no gradient. */
  readonly keyMask: Tensor2D | null
  /** Rotary positions on queries and keys. */
  readonly rotary: RotaryOptions | null
  /** On the attention weights, by position in [B, H, Tq, Tk]. */
  readonly dropout: DropoutOptions | null
}

/** Everything off but the shape: spread it and turn on what is wanted. */
export const plainAttention = {
  isCausal: false,
  windowSize: null,
  hasAlibi: false,
  scale: null,
  keyMask: null,
  rotary: null,
  dropout: null,
} as const

/**
 * Head-major rows. `qkv` [B * T, (H + 2 * Hkv) * headDim]: queries, keys and values side by side. Or `q`
 * [B * Tq, H * headDim] and `kv` [B * Tk, 2 * Hkv * headDim]: keys and values side by side.
 */
export type AttentionInputs = { readonly qkv: Tensor2D } | { readonly q: Tensor2D; readonly kv: Tensor2D }

/** Sizes that follow from inputs and options. */
export interface AttentionSizes {
  readonly headDim: number
  readonly queries: number
  readonly keys: number
}

/**
 * Multi-head attention (Vaswani et al. 2017): softmax(scale · q kᵀ + bias) v for each head, stored as the inputs are.
 * @returns [B * Tq, H * headDim]
 * @throws ShapeError, ConfigError
 */
export function attention(inputs: AttentionInputs, options: AttentionOptions): Tensor2D {
  const sizes = sizesOf(inputs, options)
  checkOptions(options, sizes)
  if (options.dropout) checkRate(options.dropout.rate)
  const tensors = 'qkv' in inputs ? [inputs.qkv] : [inputs.q, inputs.kv]
  const backend = fusedBackend('attention', ...tensors)
  return backend === null || !fitsKernel(inputs, { ...options, ...sizes })
    ? attentionTwin(inputs, options, sizes)
    : fusedAttention(backend, inputs, { ...options, ...sizes })
}

function sizesOf(inputs: AttentionInputs, options: AttentionOptions): AttentionSizes {
  const { batchSize, numHeads, numKeyHeads } = options
  if (!Number.isInteger(numHeads / numKeyHeads)) {
    throw shapeError(`numKeyHeads must divide ${numHeads} heads, got ${numKeyHeads}`)
  }
  const query = 'qkv' in inputs ? inputs.qkv : inputs.q
  const key = 'qkv' in inputs ? inputs.qkv : inputs.kv
  checkTensor('attention queries', query, [null, null])
  checkTensor('attention keys', key, [null, null])
  const queries = query.shape[0] / batchSize
  const keys = key.shape[0] / batchSize
  if (!Number.isInteger(queries) || !Number.isInteger(keys)) {
    throw shapeError(
      `rows must be whole sequences of ${batchSize}, got ${query.shape[0]} and ${key.shape[0]}`,
    )
  }
  const heads = 'qkv' in inputs ? numHeads + 2 * numKeyHeads : numHeads
  const headDim = query.shape[1] / heads
  if (!Number.isInteger(headDim)) {
    throw shapeError(`the width must give ${heads} heads a whole head size, got ${query.shape[1]}`)
  }
  if (!('qkv' in inputs)) checkTensor('attention kv', key, [null, 2 * numKeyHeads * headDim])
  return { headDim, queries, keys }
}

function checkOptions(options: AttentionOptions, { headDim, queries, keys }: AttentionSizes): void {
  const { batchSize, isCausal, windowSize, keyMask, rotary } = options
  if (isCausal && queries !== keys) {
    throw shapeError(`causal attention needs as many keys as queries, got ${keys} and ${queries}`)
  }
  if (windowSize !== null && !(Number.isInteger(windowSize) && windowSize >= 1)) {
    throw shapeError(`windowSize must be a whole number of at least 1, got ${windowSize}`)
  }
  if (keyMask) checkTensor('attention keyMask', keyMask, [batchSize, keys], 'int32')
  if (rotary && (rotary.rotaryDim % 2 !== 0 || rotary.rotaryDim < 2 || rotary.rotaryDim > headDim)) {
    throw shapeError(`rotaryDim must be even, from 2 to ${headDim}, got ${rotary.rotaryDim}`)
  }
}

function shapeError(rule: string): ShapeError {
  return new ShapeError(`attention: ${rule}`, {
    code: 'shape',
    remedy: 'Choose an embedDim that is a multiple of numHeads.',
  })
}
