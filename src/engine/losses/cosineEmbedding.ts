import {
  fill,
  greater,
  mean,
  mul,
  relu,
  scalar,
  sub,
  sum,
  where,
  type Scalar,
  type Tensor1D,
} from '../backend/tfjs.ts'
import { offTape } from '../backend/offTape.ts'
import { l2Normalize } from '../kernels/l2Normalize/l2Normalize.ts'
import { defineLoss } from './defineLoss.ts'

/**
 * Cosine embedding, as torch: 1 - cos(a, b) for pairs that belong together, relu(cos(a, b) - margin) for others; the mean.
 * a, b [N, D], areSame [N], 1 or 0.
 */
export default defineLoss({
  id: 'cosine-embedding',
  title: 'Cosine embedding',
  summary: 'Turns pairs that belong together the same way, and others apart.',
  formula: 'mean of 1 − cos(a, b) for the same, max(0, cos(a, b) − m) for others',
  use: 'Pairs that are labelled same or different.',
  link: 'https://pytorch.org/docs/stable/generated/torch.nn.CosineEmbeddingLoss.html',
  accepts: 'judgedPairs',
  fields: {
    margin: {
      type: 'number',
      label: 'Margin',
      help: 'Cosine that pairs which do not belong together may have.',
      default: 0,
      min: -1,
      max: 1,
      step: 0.05,
    },
  },
  compute({ margin }, { a, b, areSame }) {
    const cosine: Tensor1D = sum(mul(l2Normalize(a), l2Normalize(b)), 1)
    const isSame = offTape(() => greater(areSame, scalar(0.5)))
    const ones = fill(cosine.shape, 1)
    const terms = where(isSame, sub(ones, cosine), relu(sub(cosine, margin)))
    return { loss: mean(terms) as Scalar, parts: {} }
  },
})
