import { offTape } from '../../backend/offTape.ts'
import type { Tensor2D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { fusedBackend } from '../mode.ts'
import { checkTensor } from '../shapes.ts'
import { fusedL2Normalize } from './l2NormalizeKernel.ts'

/** As PyTorch's `F.normalize`. */
const usualLeastLength = 1e-12

/**
 * Rows divided by their length, at least `leastLength`. A row of zeros stays one, and has no gradient: it has no direction,
 * and PyTorch's, divided by 1e-12, would drown all others.
 * @param x [N, D]
 * @throws ShapeError
 */
export function l2Normalize(x: Tensor2D, leastLength = usualLeastLength): Tensor2D {
  checkTensor('l2Normalize x', x, [null, null])
  const backend = fusedBackend('l2Normalize', x)
  return backend === null ? l2NormalizeTwin(x, leastLength) : fusedL2Normalize(backend, x, leastLength)
}

export function l2NormalizeTwin(x: Tensor2D, leastLength = usualLeastLength): Tensor2D {
  return tf.tidy(() => {
    const squares = tf.maximum(tf.sum(tf.square(x), 1, true), leastLength ** 2)
    const isSome = offTape(() => tf.cast(tf.greater(tf.max(tf.abs(x), 1, true), 0), 'float32'))
    return tf.div(tf.mul(x, isSome), tf.sqrt(squares))
  })
}
