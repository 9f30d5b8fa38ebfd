import { add, exp, mean, mul, neg, softplus, sub, sum, type Scalar } from '../backend/tfjs.ts'
import { defineLoss } from './defineLoss.ts'

/**
 * Focal loss of yes-or-no questions (Lin et al. 2017): alpha_t·(1 - p_t)^gamma·(-log p_t), p_t the probability of what is
 * true. With z the logit of what is true, log p_t = -softplus(-z) and log(1 - p_t) = -softplus(z), which do not overflow.
 * Mean or sum over all elements. logits, targets [N, C], targets 0 or 1; weights of positives are left to alpha.
 */
export default defineLoss({
  id: 'binary-focal',
  title: 'Binary focal',
  summary: 'Binary cross-entropy that looks at hard questions and passes over easy ones.',
  formula: 'mean of α_t·(1 − p_t)^γ·(−log p_t)',
  use: 'Rare positives, as in detection.',
  link: 'https://arxiv.org/abs/1708.02002',
  accepts: 'binary',
  fields: {
    gamma: {
      type: 'number',
      label: 'Gamma',
      help: 'How little easy questions count; 0 is cross-entropy.',
      default: 2,
      min: 0,
      max: 10,
      step: 0.1,
    },
    isBalanced: {
      type: 'bool',
      label: 'Balance',
      help: 'Counts positives alpha and negatives 1 − alpha.',
      default: true,
    },
    alpha: {
      type: 'number',
      label: 'Alpha',
      help: 'How much a positive counts, where they are balanced.',
      default: 0.25,
      min: 0,
      max: 1,
      step: 0.05,
    },
    isSummed: {
      type: 'bool',
      label: 'Sum',
      help: 'Of all questions, instead of their mean.',
      default: false,
      isAdvanced: true,
    },
  },
  compute({ gamma, isBalanced, alpha, isSummed }, { logits, targets }) {
    const z = mul(logits, sub(mul(targets, 2), 1))
    const terms = mul(exp(mul(softplus(z), -gamma)), softplus(neg(z)))
    const counted = isBalanced ? mul(add(mul(targets, 2 * alpha - 1), 1 - alpha), terms) : terms
    return { loss: (isSummed ? sum(counted) : mean(counted)) as Scalar, parts: {} }
  },
})
