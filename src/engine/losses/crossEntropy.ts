import { sum, type Scalar } from '../backend/tfjs.ts'
import { crossEntropy } from '../kernels/crossEntropy/crossEntropy.ts'
import { linearCrossEntropy } from '../kernels/linearCrossEntropy/linearCrossEntropy.ts'
import { ratio } from './parts/ratio.ts'
import { defineLoss } from './defineLoss.ts'
import { ignoredTarget } from './lossInputs.ts'
import { rowCrossEntropy, rowWeights } from './parts/rowCrossEntropy.ts'
import { wholeLogits } from './parts/wholeLogits.ts'

/**
 * Softmax cross-entropy with whole-number targets, averaged over the positions that are not ignored:
 * (1 - e) * -log p[target] + e * mean over all classes of -log p, e the label smoothing (Szegedy et al. 2016).
 * logits [N, V], targets int32 [N]. With class weights w, as torch: the target's term counts w[target] times, those of
 * smoothing w[c] times, and the sum is divided by that of w[target]. 0 where nothing counts.
 */
export default defineLoss({
  id: 'cross-entropy',
  title: 'Cross-entropy',
  summary: 'How surprised the model is by what really comes next, in nats a token.',
  link: 'https://arxiv.org/abs/1512.00567',
  formula: 'mean of (1 − ε)·w[y]·(−log p[y]) + ε·mean over c of w[c]·(−log p[c]), p = softmax(logits)',
  use: 'Classification and language models.',
  accepts: 'classes',
  takesParts: true,
  fields: {
    labelSmoothing: {
      type: 'number',
      label: 'Label smoothing',
      help: 'Share of the target that is spread over all tokens, against overconfidence.',
      default: 0,
      min: 0,
      max: 0.9,
      step: 0.01,
      isAdvanced: true,
    },
  },
  compute({ labelSmoothing }, { logits, targets, classWeights = null }) {
    if (classWeights !== null) {
      const rows = rowCrossEntropy(wholeLogits('cross-entropy', logits), targets, {
        labelSmoothing,
        classWeights,
      })
      return { loss: ratio(sum(rows), sum(rowWeights(targets, classWeights))) as Scalar, parts: {} }
    }
    const options = { labelSmoothing, ignoreIndex: ignoredTarget }
    const loss =
      'table' in logits
        ? linearCrossEntropy(logits.rows, logits.table, targets, options)
        : crossEntropy(logits, targets, options)
    return { loss, parts: {} }
  },
})
