import { crossEntropy } from '../kernels/crossEntropy/crossEntropy.ts'
import { linearCrossEntropy } from '../kernels/linearCrossEntropy/linearCrossEntropy.ts'
import { defineLoss } from './defineLoss.ts'
import { ignoredTarget } from './lossInputs.ts'

/**
 * Softmax cross-entropy with whole-number targets, averaged over the positions that are not ignored:
 * (1 - e) * -log p[target] + e * mean over all classes of -log p, e the label smoothing (Szegedy et al. 2016).
 * logits [N, V], targets int32 [N].
 */
export default defineLoss({
  id: 'cross-entropy',
  title: 'Cross-entropy',
  summary: 'How surprised the model is by what really comes next, in nats a token.',
  link: 'https://arxiv.org/abs/1512.00567',
  formula: 'mean of (1 − ε)·(−log p[y]) + ε·mean over c of −log p[c], p = softmax(logits)',
  use: 'Classification and language models.',
  accepts: 'classes',
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
  compute: ({ labelSmoothing }, { logits, targets }) => {
    const options = { labelSmoothing, ignoreIndex: ignoredTarget }
    const loss =
      'table' in logits
        ? linearCrossEntropy(logits.rows, logits.table, targets, options)
        : crossEntropy(logits, targets, options)
    return { loss, parts: {} }
  },
})
