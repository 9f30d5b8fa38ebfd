import type { Scalar, Tensor, Tensor1D, Tensor2D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import type { SimilarityIds, SimilarityOptions } from './similarityLoss.ts'

/** The whole matrix, composed of tfjs operations. */
export function similarityTwin(a: Tensor2D, b: Tensor2D, options: SimilarityOptions): Scalar {
  const { scale, weight } = options
  return tf.tidy(() => {
    const { positive, allowed } = masks(a.shape[0], b.shape[0], options)
    const factor = typeof scale === 'number' ? scale : tf.exp(scale)
    const scores: Tensor2D = tf.mul(tf.matMul(a, b, false, true), factor)
    const logSums = tf.logSumExp(tf.where(allowed, scores, tf.fill(scores.shape, -1e30)), 1)
    const positives = tf.cast(positive, 'float32')
    const numbers = tf.sum(positives, 1)
    const means = tf.div(tf.sum(tf.mul(scores, positives), 1), tf.maximum(numbers, 1))
    const counts = tf.minimum(numbers, 1)
    const total = tf.sum(tf.mul(tf.sub(logSums, means), counts))
    return tf.mul(tf.div(total, tf.maximum(tf.sum(counts), 1)), weight)
  })
}

function idsOf(ids: SimilarityIds, side: 'rows' | 'columns', count: number): Tensor1D {
  return typeof ids === 'number' ? tf.mod(tf.range(0, count, 1, 'int32'), tf.scalar(ids, 'int32')) : ids[side]
}

function masks(
  rows: number,
  columns: number,
  options: SimilarityOptions,
): { positive: Tensor; allowed: Tensor } {
  const { ids, excludesSelf, extraNegatives, hasBatchNegatives } = options
  const row = tf.expandDims(tf.range(0, rows, 1, 'int32'), 1)
  const column = tf.expandDims(tf.range(0, columns, 1, 'int32'), 0)
  const isSame = tf.equal(
    tf.expandDims(idsOf(ids, 'rows', rows), 1),
    tf.expandDims(idsOf(ids, 'columns', columns), 0),
  )
  const isExtra = tf.logicalAnd(tf.greaterEqual(column, columns - extraNegatives), tf.greaterEqual(row, 0))
  const isOther = excludesSelf ? tf.notEqual(row, column) : tf.greaterEqual(tf.add(row, column), 0)
  const inBatch = tf.logicalAnd(isOther, tf.logicalNot(isExtra))
  const positive = tf.logicalAnd(isSame, inBatch)
  return { positive, allowed: tf.logicalOr(isExtra, hasBatchNegatives ? inBatch : positive) }
}
