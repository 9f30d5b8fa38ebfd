import { add, mean, mul, neg, softplus, sub, type Scalar, type Tensor } from '../backend/tfjs.ts'
import { defineLoss } from './defineLoss.ts'

/**
 * Binary cross-entropy of logits: the mean over all elements of softplus(x) - x·t, which is
 * -t·log σ(x) - (1 - t)·log σ(-x) without an overflow; the first term times the weights of positives, where there are.
 * Terms may have weights of their own; the mean is over their number all the same. logits, targets [N, C].
 */
export default defineLoss({
  id: 'binary-cross-entropy',
  title: 'Binary cross-entropy',
  summary: 'How surprised the model is by each yes and no.',
  formula: 'mean of −w·t·log σ(x) − (1 − t)·log σ(−x)',
  use: 'Several labels at a time, each there or not.',
  accepts: 'binary',
  fields: {},
  compute(_params, { logits, targets, positiveWeights, weights = null }) {
    const plain = sub(softplus(logits), mul(logits, targets))
    const weighted = (terms: Tensor) => mean(weights === null ? terms : mul(terms, weights)) as Scalar
    if (positiveWeights === null) return { loss: weighted(plain), parts: {} }
    const more = mul(mul(sub(positiveWeights, 1), targets), softplus(neg(logits)))
    return { loss: weighted(add(plain, more)), parts: {} }
  },
})
