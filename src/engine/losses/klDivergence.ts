import {
  add,
  exp,
  logSoftmax,
  mean,
  mul,
  softplus,
  sub,
  sum,
  type Scalar,
  type Tensor,
} from '../backend/tfjs.ts'
import { defineLoss } from './defineLoss.ts'

/** Mean over rows of Σ_c p·(log p - log q), of logarithms [N, C]. */
function divergence(logP: Tensor, logQ: Tensor): Scalar {
  return mean(sum(mul(exp(logP), sub(logP, logQ)), 1)) as Scalar
}

/**
 * Kullback–Leibler divergences of the softmaxes p of the teacher's and q of the model's logits: KL(p‖q), its reverse
 * KL(q‖p), and Jensen–Shannon's (KL(p‖m) + KL(q‖m)) / 2 with m = (p + q) / 2 (Lin 1991). logits, teacher [N, C]; targets
 * are not looked at.
 */
export default defineLoss({
  id: 'kl-divergence',
  title: 'KL divergence',
  summary: 'How far the model’s distribution is from another one.',
  formula: 'mean of Σ_c p·log(p/q); q·log(q/p); or half of each to m = (p + q)/2',
  use: 'Following another model, or staying near one.',
  link: 'https://doi.org/10.1109/18.61115',
  accepts: 'taught',
  fields: {
    direction: {
      type: 'choice',
      label: 'Direction',
      help: 'Forward covers all that the teacher does, reverse keeps to what it does most.',
      default: 'forward',
      options: [
        { value: 'forward', label: 'Forward' },
        { value: 'reverse', label: 'Reverse' },
        { value: 'jensen-shannon', label: 'Jensen–Shannon' },
      ],
    },
  },
  compute({ direction }, { logits, teacher }) {
    const [logP, logQ] = [logSoftmax(teacher), logSoftmax(logits)]
    if (direction === 'forward') return { loss: divergence(logP, logQ), parts: {} }
    if (direction === 'reverse') return { loss: divergence(logQ, logP), parts: {} }
    // log((p + q) / 2), also where both are too small to add.
    const logM = add(logQ, sub(softplus(sub(logP, logQ)), Math.LN2))
    const both = add(divergence(logP, logM), divergence(logQ, logM))
    return { loss: mul(both, 0.5) as Scalar, parts: {} }
  },
})
