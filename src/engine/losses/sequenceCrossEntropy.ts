import {
  add,
  fill,
  logSoftmax,
  mul,
  neg,
  reshape,
  sub,
  sum,
  type Scalar,
  type Tensor1D,
  type Tensor2D,
} from '../backend/tfjs.ts'
import { oneHot } from '../kernels/oneHot.ts'
import { ratio } from './parts/ratio.ts'
import { defineLoss, type LossResult } from './defineLoss.ts'
import { countedRows, rowCrossEntropy } from './parts/rowCrossEntropy.ts'

/**
 * Cross-entropy of sequences with the smoothing of Vaswani et al. 2017 (5.4), which puts nothing on the padding: a
 * target's distribution is (1 - e) on it and e/K on each of the K tokens that can be written. The mean over the positions
 * that count. `negativeLogLikelihood` is the same without smoothing: its exponential is the perplexity.
 * logits [B, S, V], targets int32 [B, S].
 */
export default defineLoss({
  id: 'sequence-cross-entropy',
  title: 'Smoothed cross-entropy of sequences',
  summary:
    'How surprised the model is by each token, with a little doubt spread over all tokens but padding.',
  formula: 'mean of (1 − ε)·(−log p[y]) + ε·mean over c ≠ pad of −log p[c]',
  use: 'Translation and other sequences to sequences.',
  link: 'https://arxiv.org/abs/1706.03762',
  accepts: 'sequences',
  fields: {
    labelSmoothing: {
      type: 'number',
      label: 'Label smoothing',
      help: 'Share of the target that is spread over all tokens but padding.',
      default: 0.1,
      min: 0,
      max: 0.9,
      step: 0.01,
    },
    paddingToken: {
      type: 'int',
      label: 'Padding token',
      help: 'Id of the token that is never to be written; -1 where there is none.',
      default: -1,
      min: -1,
      max: 10_000_000,
      isAdvanced: true,
    },
  },
  compute({ labelSmoothing, paddingToken }, sequences): LossResult {
    const vocabSize = sequences.logits.shape[2]
    const logits: Tensor2D = reshape(sequences.logits, [-1, vocabSize])
    const targets: Tensor1D = reshape(sequences.targets, [-1])
    const counted = countedRows(targets)
    const meanOf = (rows: Tensor1D) => ratio(sum(rows), sum(counted)) as Scalar
    const hard = meanOf(rowCrossEntropy(logits, targets, { labelSmoothing: 0, classWeights: null }))
    if (labelSmoothing === 0) return { loss: hard, parts: {} }
    const isPadded = paddingToken >= 0 && paddingToken < vocabSize
    const writable = sub(fill([1, vocabSize], 1), oneHot(paddingOf(paddingToken), vocabSize))
    const spread = neg(sum(mul(logSoftmax(logits), writable), 1))
    const soft = meanOf(mul(spread, mul(counted, 1 / Math.max(1, vocabSize - (isPadded ? 1 : 0)))))
    const loss: Scalar = add(mul(hard, 1 - labelSmoothing), mul(soft, labelSmoothing))
    return { loss, parts: { negativeLogLikelihood: hard } }
  },
})

/** int32 [1]; what is outside the vocabulary takes nothing out. */
function paddingOf(token: number): Tensor1D {
  return fill([1], token, 'int32')
}
