import { BunsenError } from '../../core/errors.ts'
import {
  add,
  mean,
  mul,
  neg,
  softplus,
  sub,
  tensor1d,
  type Scalar,
  type Tensor,
  type Tensor1D,
} from '../backend/tfjs.ts'
import { defineLoss } from './defineLoss.ts'
import type { LossInputs } from './lossInputs.ts'

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
  fields: {
    isBalanced: {
      type: 'bool',
      label: 'Balance',
      help: 'Counts a yes as often as there is a no for each in the training part, so that both count as much in all.',
      default: false,
      isAdvanced: true,
    },
  },
  asksForCounts: ({ isBalanced }) => isBalanced,
  compute({ isBalanced }, { logits, targets, weights = null, ...given }) {
    const positiveWeights = isBalanced ? balanced(given) : given.positiveWeights
    const plain = sub(softplus(logits), mul(logits, targets))
    const weighted = (terms: Tensor) => mean(weights === null ? terms : mul(terms, weights)) as Scalar
    if (positiveWeights === null) return { loss: weighted(plain), parts: {} }
    const more = mul(mul(sub(positiveWeights, 1), targets), softplus(neg(logits)))
    return { loss: weighted(add(plain, more)), parts: {} }
  },
})

/** [C]: noes for each yes; 1 where the training part has but one answer. @throws BunsenError `loss-input` */
function balanced({
  positiveWeights,
  positiveShares = null,
}: Omit<LossInputs['binary'], 'logits' | 'targets'>): Tensor1D {
  if (positiveWeights !== null) return positiveWeights
  if (positiveShares !== null)
    return tensor1d(positiveShares.map((share) => (share > 0 && share < 1 ? (1 - share) / share : 1)))
  throw new BunsenError(
    'Loss binary-cross-entropy: to balance, it must know how many answers are yes, which nobody counted',
    {
      code: 'loss-input',
      remedy: 'Set isBalanced to off.',
    },
  )
}
