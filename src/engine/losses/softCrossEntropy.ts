import { add, logSoftmax, mean, mul, neg, sum, type Scalar } from '../backend/tfjs.ts'
import { defineLoss } from './defineLoss.ts'

/**
 * Cross-entropy with distributions as targets: mean over rows of -Σ_c t'_c·log softmax(logits)_c, with
 * t' = (1 - e)·t + e/C, e the label smoothing. logits, targets [N, C].
 */
export default defineLoss({
  id: 'soft-cross-entropy',
  title: 'Cross-entropy with soft targets',
  summary: 'How surprised the model is by a distribution over classes.',
  formula: 'mean of −Σ_c ((1 − ε)·t_c + ε/C)·log p_c',
  use: 'Mixed-up images, several annotators, targets of another model.',
  accepts: 'softClasses',
  fields: {
    labelSmoothing: {
      type: 'number',
      label: 'Label smoothing',
      help: 'Share of the target that is spread over all classes.',
      default: 0,
      min: 0,
      max: 0.9,
      step: 0.01,
      isAdvanced: true,
    },
  },
  compute({ labelSmoothing }, { logits, targets }) {
    const smoothed = add(mul(targets, 1 - labelSmoothing), labelSmoothing / logits.shape[1])
    return { loss: neg(mean(sum(mul(smoothed, logSoftmax(logits)), 1))) as Scalar, parts: {} }
  },
})
