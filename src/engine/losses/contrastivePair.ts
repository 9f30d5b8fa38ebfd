import { add, mul, relu, square, sub, type Scalar, type Tensor } from '../backend/tfjs.ts'
import { defineLoss } from './defineLoss.ts'
import { distanceFields, pairDistances } from './parts/distances.ts'
import { labelPairs } from './parts/labelPairs.ts'
import { meanWhere, reducerFields } from './parts/reducers.ts'

/**
 * Contrastive loss of pairs (Hadsell et al. 2006) over every two rows of a labelled batch: two of one label are drawn to
 * within one margin, others pushed out of another. Half the square of what is missing, or what is missing itself (Musgrave
 * et al. 2020); the mean over pairs of one label plus that over the others. embeddings [N, D], labels int32 [N].
 */
export default defineLoss({
  id: 'contrastive-pair',
  title: 'Contrastive pairs',
  summary: 'Draws rows of one class near, and pushes others away up to a margin.',
  formula:
    'mean of ½ max(0, d_p − m₊)² over pairs of one label + mean of ½ max(0, m₋ − d_n)² over the others',
  use: 'Embeddings of labelled data whose distances mean something by themselves.',
  link: 'https://doi.org/10.1109/CVPR.2006.100',
  accepts: 'labelled',
  fields: {
    ...distanceFields,
    positiveMargin: {
      type: 'number',
      label: 'Margin of positives',
      help: 'Rows of one class need not come nearer.',
      default: 0,
      min: 0,
      max: 1000,
    },
    negativeMargin: {
      type: 'number',
      label: 'Margin of negatives',
      help: 'Rows of different classes need not go further apart.',
      default: 1,
      min: 0,
      max: 1000,
    },
    isSquared: {
      type: 'bool',
      label: 'Squared',
      help: 'Half the square of what is missing, as published; otherwise what is missing itself.',
      default: true,
    },
    ...reducerFields,
  },
  compute(params, { embeddings, labels }) {
    const apart = pairDistances(embeddings, params)
    const of = (missing: Tensor): Tensor =>
      params.isSquared ? mul(square(relu(missing)), 0.5) : relu(missing)
    const { positive, negative } = labelPairs(labels)
    const pull = meanWhere(of(sub(apart, params.positiveMargin)), positive, params.reducer)
    const push = meanWhere(of(sub(params.negativeMargin, apart)), negative, params.reducer)
    return { loss: add(pull, push) as Scalar, parts: { pull, push } }
  },
})
