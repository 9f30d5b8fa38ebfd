import { offTape } from '../backend/offTape.ts'
import { add, exp, logSoftmax, logSumExp, mul, neg, sub, sum, type Scalar } from '../backend/tfjs.ts'
import { oneHot } from '../kernels/oneHot.ts'
import { classWeightFields, classWeightsOf, isWeighted } from './parts/classWeights.ts'
import { ratio } from './parts/ratio.ts'
import { defineLoss } from './defineLoss.ts'
import { countedRows, rowWeights } from './parts/rowCrossEntropy.ts'
import { wholeLogits } from './parts/wholeLogits.ts'

/** Takes a class out of a sum of exponentials. */
const farBelow = -1e30

/**
 * Softmax focal loss (Lin et al. 2017): alpha_y·(1 - p_y)^gamma·(-log p_y), the plain mean over the rows that count, also with
 * class weights alpha. log(1 - p_y) is the log-sum of the other classes' logits, which does not cancel where p_y is near 1.
 * logits [N, C], targets int32 [N].
 */
export default defineLoss({
  id: 'focal',
  title: 'Focal',
  summary: 'Cross-entropy that looks at hard rows and passes over easy ones.',
  formula: 'mean of α[y]·(1 − p[y])^γ·(−log p[y]), p = softmax(logits)',
  use: 'Classes of very different frequency.',
  link: 'https://arxiv.org/abs/1708.02002',
  accepts: 'classes',
  fields: {
    gamma: {
      type: 'number',
      label: 'Gamma',
      help: 'How little easy rows count; 0 is cross-entropy.',
      default: 2,
      min: 0,
      max: 10,
      step: 0.1,
    },
    ...classWeightFields,
  },
  asksForCounts: isWeighted,
  compute({ gamma, ...weighting }, { logits: given, targets, ...ofClasses }) {
    const classWeights = classWeightsOf('focal', weighting, ofClasses)
    const logits = wholeLogits('focal', given)
    const isTarget = offTape(() => oneHot(targets, logits.shape[1]))
    const logOfTarget = sum(mul(isTarget, logSoftmax(logits)), 1)
    const logOfOthers = sub(logSumExp(add(logits, mul(isTarget, farBelow)), 1), logSumExp(logits, 1))
    const terms = mul(exp(mul(logOfOthers, gamma)), neg(logOfTarget))
    const total = sum(mul(terms, rowWeights(targets, classWeights)))
    return { loss: ratio(total, sum(countedRows(targets))) as Scalar, parts: {} }
  },
})
