import { ShapeError } from '../../../core/errors.ts'
import type { Tensor2D } from '../../backend/tfjs.ts'
import { checkRate, type DropoutOptions } from '../dropout/dropout.ts'
import { fusedBackend } from '../mode.ts'
import { checkTensor } from '../shapes.ts'
import { fusedAttention } from './attentionKernel.ts'
import { attentionTwin } from './attentionTwin.ts'

export interface AttentionOptions {
  batchSize: number
  seqLen: number
  numHeads: number
  /** Rotary positions on queries and keys; `half-split` is the layout of GPT-NeoX and Llama. */
  rotary: { base: number; style: 'half-split' } | null
  /** On the attention weights, by position in [B, H, T, T]. */
  dropout: DropoutOptions | null
}

/** LLVM needs tens of seconds to compile the unrolled kernels of longer heads; the twin needs one. */
const longestOnSlowCompilers = 32

/**
 * Causal multi-head attention (Vaswani et al. 2017), scores scaled by 1 / sqrt(headDim).
 * @param qkv [B * T, 3 * D], queries, keys and values side by side, each head-major
 * @returns [B * T, D]
 * @throws ShapeError, ConfigError
 */
export function causalAttention(qkv: Tensor2D, options: AttentionOptions): Tensor2D {
  const { batchSize, seqLen, numHeads, rotary } = options
  checkTensor('causalAttention qkv', qkv, [batchSize * seqLen, null])
  const headDim = qkv.shape[1] / 3 / numHeads
  if (!Number.isInteger(headDim) || (rotary && headDim % 2 !== 0)) {
    const rule = rotary ? 'an even head size' : 'a whole head size'
    throw new ShapeError(
      `causalAttention: the width must give ${numHeads} heads 3 times ${rule}, got ${qkv.shape[1]}`,
      { code: 'shape', remedy: 'Choose an embedDim that is a multiple of numHeads.' },
    )
  }
  if (options.dropout) checkRate(options.dropout.rate)
  const backend = fusedBackend('attention', qkv)
  const isTooLong = backend?.isSlowToCompile === true && headDim > longestOnSlowCompilers
  return backend === null || isTooLong ? attentionTwin(qkv, options) : fusedAttention(backend, qkv, options)
}
