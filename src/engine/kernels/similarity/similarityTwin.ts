import type { Scalar, Tensor, Tensor1D, Tensor2D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import type { PairOptions, SimilarityIds } from './pairOptions.ts'
import type { SigmoidSimilarityOptions } from './sigmoidSimilarityLoss.ts'
import type { SimilarityOptions } from './similarityLoss.ts'

/** Stands for the logarithm of 0. */
const least = -1e30

/** Scaled similarities, and who is what in them: bool [N, M]. */
interface Pairs {
  scores: Tensor2D
  positive: Tensor2D
  negative: Tensor2D
}

/** The whole matrix, composed of tfjs operations. */
export function similarityTwin(a: Tensor2D, b: Tensor2D, options: SimilarityOptions): Scalar {
  const { weight, directions, areColumnsFixed } = options
  return tf.tidy(() => {
    const pairs = pairsOf(a, areColumnsFixed ? withoutGradient(b) : b, options)
    const rows = meanOfRows(pairs, options)
    if (directions === 'rows') return tf.mul(rows, weight)
    return tf.mul(tf.add(rows, meanOfRows(turned(pairs), options)), weight / 2)
  })
}

/** Share of rows, as much as they count, whose nearest is a positive. */
export function accuracyTwin(a: Tensor2D, b: Tensor2D, options: SimilarityOptions): Scalar {
  return tf.tidy(() => {
    const pairs = pairsOf(a, b, options)
    const rows = foundOfRows(pairs, options)
    return options.directions === 'rows' ? rows : tf.div(tf.add(rows, foundOfRows(turned(pairs), options)), 2)
  })
}

function turned({ scores, positive, negative }: Pairs): Pairs {
  return { scores: tf.transpose(scores), positive: tf.transpose(positive), negative: tf.transpose(negative) }
}

function foundOfRows(
  { scores, positive, negative }: Pairs,
  { denominator, mean }: SimilarityOptions,
): Scalar {
  const largest = (mask: Tensor2D): Tensor1D =>
    tf.max(tf.where(mask, scores, tf.fill(scores.shape, least)), 1)
  const numbers: Tensor1D = tf.sum(tf.cast(positive, 'float32'), 1)
  const isCounted = tf.logicalAnd(
    tf.greater(numbers, 0),
    denominator === 'none' ? tf.any(negative, 1) : tf.onesLike(tf.cast(numbers, 'bool')),
  )
  const counts = tf.mul(mean === 'pairs' ? numbers : tf.onesLike(numbers), tf.cast(isCounted, 'float32'))
  const found = tf.cast(tf.greater(largest(positive), largest(negative)), 'float32')
  return tf.div(tf.sum(tf.mul(counts, found)), tf.maximum(tf.sum(counts), 1))
}

/** The same with a sigmoid for each pair. */
export function sigmoidSimilarityTwin(a: Tensor2D, b: Tensor2D, options: SigmoidSimilarityOptions): Scalar {
  return tf.tidy(() => {
    const { scores, positive, negative } = pairsOf(a, b, options)
    const logits = tf.add(scores, options.bias)
    const losses = tf.where(positive, tf.softplus(tf.neg(logits)), tf.softplus(logits))
    const counted = tf.mul(losses, tf.cast(tf.logicalOr(positive, negative), 'float32'))
    return tf.mul(tf.sum(counted), options.weight / a.shape[0])
  })
}

function withoutGradient<T extends Tensor>(x: T): T {
  return tf.customGrad(() => ({ value: tf.clone(x), gradFunc: (dy: Tensor) => tf.zerosLike(dy) }))(x) as T
}

function pairsOf(a: Tensor2D, b: Tensor2D, options: PairOptions): Pairs {
  const { scale } = options
  const factor = typeof scale === 'number' ? scale : tf.exp(scale)
  const scores: Tensor2D = tf.mul(tf.matMul(a, b, false, true), factor)
  return { scores, ...masks(a.shape[0], b.shape[0], options) }
}

/** @returns [N], the logarithm of the sum of exp of what the mask holds; `least` for none */
function logSumWhere(mask: Tensor2D, scores: Tensor2D): Tensor1D {
  const sums: Tensor1D = tf.logSumExp(tf.where(mask, scores, tf.fill(scores.shape, least)), 1)
  return tf.where(tf.any(mask, 1), sums, tf.fill(sums.shape, least))
}

/** @returns [N], the logarithm of the negatives' weighted sum */
function logNegatives({ scores, negative }: Pairs, { hardness }: SimilarityOptions): Tensor1D {
  if (hardness === 0) return logSumWhere(negative, scores)
  const hard = logSumWhere(negative, tf.mul(scores, 1 + hardness))
  const easy = logSumWhere(negative, tf.mul(scores, hardness))
  const number: Tensor1D = tf.sum(tf.cast(negative, 'float32'), 1)
  const weighted: Tensor1D = tf.add(tf.sub(hard, easy), tf.log(tf.maximum(number, 1)))
  return tf.where(tf.greater(number, 0), weighted, tf.fill(number.shape, least))
}

/** @returns [N, 1] or [N, M]: the logarithm of the denominator of each row or pair */
function logDenominators(pairs: Pairs, options: SimilarityOptions): Tensor {
  const { denominator, positivePrior: prior, scale } = options
  const { scores, positive, negative } = pairs
  const negatives = tf.expandDims(logNegatives(pairs, options), 1)
  if (denominator === 'none') return negatives
  if (denominator === 'all') {
    const positives = tf.expandDims(logSumWhere(positive, scores), 1)
    return tf.logSumExp(tf.concat([positives, negatives], 1), 1, true)
  }
  if (prior === 0) return tf.add(scores, tf.softplus(tf.sub(negatives, scores)))
  const number = tf.sum(tf.cast(negative, 'float32'), 1, true)
  // tfjs gets the gradient of a maximum wrong where one side is spread.
  const wide = tf.add(negatives, tf.zerosLike(scores))
  const largest = tf.maximum(scores, wide)
  const own = tf.exp(tf.sub(scores, largest))
  const debiased = tf.div(
    tf.sub(tf.exp(tf.sub(wide, largest)), tf.mul(tf.mul(number, prior), own)),
    1 - prior,
  )
  const lowest = typeof scale === 'number' ? -scale : tf.neg(tf.exp(scale))
  const floor = tf.mul(number, tf.exp(tf.sub(lowest, largest)))
  return tf.add(largest, tf.log(tf.add(own, tf.maximum(debiased, floor))))
}

function meanOfRows(pairs: Pairs, options: SimilarityOptions): Scalar {
  const { denominator, mean, positiveWeights } = options
  const { scores, positive, negative } = pairs
  const pulls =
    positiveWeights === null ? scores : tf.mul(scores, tf.expandDims(withoutGradient(positiveWeights), 1))
  const hasNegatives = tf.any(negative, 1, true)
  const counted = denominator === 'none' ? tf.logicalAnd(positive, hasNegatives) : positive
  // Selected, not multiplied: what does not count may be as large as -least.
  const losses = tf.where(counted, tf.sub(logDenominators(pairs, options), pulls), tf.zerosLike(scores))
  const numbers = tf.sum(tf.cast(counted, 'float32'), 1)
  const sums = tf.sum(losses, 1)
  if (mean === 'pairs') return tf.div(tf.sum(sums), tf.maximum(tf.sum(numbers), 1))
  const rows = tf.sum(tf.minimum(numbers, 1))
  return tf.div(tf.sum(tf.div(sums, tf.maximum(numbers, 1))), tf.maximum(rows, 1))
}

function idsOf(ids: SimilarityIds, side: 'rows' | 'columns', count: number): Tensor {
  return typeof ids === 'number' ? tf.mod(tf.range(0, count, 1, 'int32'), tf.scalar(ids, 'int32')) : ids[side]
}

/** bool [N, M]: columns that are not empty and of another id. */
function isSeen(isSame: Tensor2D, columnIds: Tensor): Tensor2D {
  return tf.logicalAnd(tf.logicalNot(isSame), tf.expandDims(tf.greaterEqual(columnIds, 0), 0))
}

/** bool [N, M]: who belongs together. */
function isSameIn(ids: SimilarityIds, rows: number, columns: number): Tensor2D {
  const [ofRows, ofColumns] = [idsOf(ids, 'rows', rows), idsOf(ids, 'columns', columns)]
  if (ofRows.rank === 2) return tf.greater(tf.matMul(bitsOf(ofRows), bitsOf(ofColumns), false, true), 0)
  return tf.equal(tf.expandDims(ofRows, 1), tf.expandDims(ofColumns, 0))
}

/** int32 [N, W] to float32 [N, 31 W], a 1 for each bit. */
function bitsOf(sets: Tensor): Tensor2D {
  const powers = tf.tensor1d(
    Array.from({ length: 31 }, (_, bit) => 2 ** bit),
    'int32',
  )
  const bits = tf.mod(tf.floorDiv(tf.expandDims(sets, 2), powers), tf.scalar(2, 'int32'))
  return tf.cast(tf.reshape(bits, [sets.shape[0]!, -1]), 'float32')
}

function masks(rows: number, columns: number, options: PairOptions): Omit<Pairs, 'scores'> {
  const { ids, excludesSelf, extraNegatives, areExtraIdsSeen, hasBatchNegatives } = options
  const row = tf.expandDims(tf.range(0, rows, 1, 'int32'), 1)
  const column = tf.expandDims(tf.range(0, columns, 1, 'int32'), 0)
  const isSame = isSameIn(ids, rows, columns)
  const isExtra = tf.logicalAnd(tf.greaterEqual(column, columns - extraNegatives), tf.greaterEqual(row, 0))
  const isOther = excludesSelf ? tf.notEqual(row, column) : tf.greaterEqual(tf.add(row, column), 0)
  const inBatch = tf.logicalAnd(isOther, tf.logicalNot(isExtra))
  const positive: Tensor2D = tf.logicalAnd(isSame, inBatch)
  const extra = areExtraIdsSeen
    ? tf.logicalAnd(isExtra, isSeen(isSame, idsOf(ids, 'columns', columns)))
    : isExtra
  if (!hasBatchNegatives) return { positive, negative: extra as Tensor2D }
  return { positive, negative: tf.logicalOr(extra, tf.logicalAnd(tf.logicalNot(isSame), inBatch)) }
}
