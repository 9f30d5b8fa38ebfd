import type { Scalar, Tensor1D, Tensor2D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { fusedBackend } from '../mode.ts'
import { oneHot } from '../oneHot.ts'
import { checkTensor } from '../shapes.ts'
import { fusedCrossEntropy } from './crossEntropyKernel.ts'

export interface CrossEntropyOptions {
  /** Share of the target's probability that is spread evenly over all V classes. */
  labelSmoothing: number
  /** Rows with this target do not count; null: all count. */
  ignoreIndex: number | null
}

/**
 * Softmax cross-entropy, the mean over the rows that count; 0, without a gradient, when none does.
 * @param logits [N, V]
 * @param targets int32 [N], each in 0..V-1 or `ignoreIndex`
 * @throws ShapeError
 */
export function crossEntropy(logits: Tensor2D, targets: Tensor1D, options: CrossEntropyOptions): Scalar {
  checkTensor('crossEntropy logits', logits, [null, null])
  checkTensor('crossEntropy targets', targets, [logits.shape[0]], 'int32')
  const backend = fusedBackend('crossEntropy', logits)
  if (backend === null) return crossEntropyTwin(logits, targets, options)
  return fusedCrossEntropy(backend, logits, targets, options)
}

export function crossEntropyTwin(logits: Tensor2D, targets: Tensor1D, options: CrossEntropyOptions): Scalar {
  const { labelSmoothing, ignoreIndex } = options
  return tf.tidy(() => {
    const [rows, vocabSize] = logits.shape
    const counts =
      ignoreIndex === null
        ? tf.ones([rows])
        : tf.cast(tf.notEqual(targets, tf.scalar(ignoreIndex, 'int32')), 'float32')
    const wanted = tf.add(tf.mul(oneHot(targets, vocabSize), 1 - labelSmoothing), labelSmoothing / vocabSize)
    const rowLoss = tf.neg(tf.sum(tf.mul(wanted, tf.logSoftmax(logits)), 1))
    return tf.div(tf.sum(tf.mul(rowLoss, counts)), tf.maximum(tf.sum(counts), 1))
  })
}
