import { ShapeError } from '../../../core/errors.ts'
import type { Tensor2D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { fusedBackend } from '../mode.ts'
import { checkTensor } from '../shapes.ts'
import { fusedMeanTokens } from './meanTokensKernel.ts'

/**
 * The mean of each sample's tokens, or of an image's pixels (global average pooling), added up in ascending order.
 * @param x [B*T, D]
 * @param mask int32 [B, T], 1 for tokens that count; null for all. A sample without any gives zeros.
 * @returns [B, D]
 * @throws ShapeError
 */
export function meanTokens(x: Tensor2D, batchSize: number, mask: Tensor2D | null): Tensor2D {
  checkTensor('meanTokens x', x, [null, null])
  const [rows] = x.shape
  if (!Number.isInteger(batchSize) || batchSize < 1 || rows % batchSize !== 0) {
    throw new ShapeError(`meanTokens: batchSize must divide the ${rows} rows of x, got ${batchSize}`, {
      code: 'batch-size',
    })
  }
  if (mask) checkTensor('meanTokens mask', mask, [batchSize, rows / batchSize], 'int32')
  const backend = fusedBackend('tokenPooling', x)
  return backend === null ? meanTokensTwin(x, batchSize, mask) : fusedMeanTokens(backend, x, batchSize, mask)
}

function meanTokensTwin(x: Tensor2D, batchSize: number, mask: Tensor2D | null): Tensor2D {
  return tf.tidy(() => {
    const tokens = tf.reshape<tf.Rank.R3>(x, [batchSize, -1, x.shape[1]])
    if (mask === null) return tf.mean(tokens, 1)
    const weights = tf.cast(mask, 'float32')
    const sums = tf.sum<Tensor2D>(tf.mul(tokens, tf.expandDims(weights, 2)), 1)
    return tf.div(sums, tf.maximum(tf.sum(weights, 1, true), 1))
  })
}
