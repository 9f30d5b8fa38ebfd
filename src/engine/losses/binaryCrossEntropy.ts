import { add, mean, mul, neg, softplus, sub, type Scalar } from '../backend/tfjs.ts'
import { defineLoss } from './defineLoss.ts'

/**
 * Binary cross-entropy of logits: the mean over all elements of softplus(x) - x·t, which is
 * -t·log σ(x) - (1 - t)·log σ(-x) without an overflow; the first term times the weights of positives, where there are.
 * logits, targets [N, C].
 */
export default defineLoss({
  id: 'binary-cross-entropy',
  title: 'Binary cross-entropy',
  summary: 'How surprised the model is by each yes and no.',
  formula: 'mean of −w·t·log σ(x) − (1 − t)·log σ(−x)',
  use: 'Several labels at a time, each there or not.',
  accepts: 'binary',
  fields: {},
  compute(_params, { logits, targets, positiveWeights }) {
    const plain = sub(softplus(logits), mul(logits, targets))
    if (positiveWeights === null) return { loss: mean(plain) as Scalar, parts: {} }
    const more = mul(mul(sub(positiveWeights, 1), targets), softplus(neg(logits)))
    return { loss: mean(add(plain, more)) as Scalar, parts: {} }
  },
})
