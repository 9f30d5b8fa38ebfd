import { offTape } from '../backend/offTape.ts'
import {
  add,
  div,
  maximum,
  mul,
  relu,
  reshape,
  square,
  stack,
  sub,
  sum,
  unstack,
  type Scalar,
  type Tensor,
  type Tensor2D,
} from '../backend/tfjs.ts'
import type { RowChunk } from '../kernels/rowChunks.ts'
import { defineLoss } from './defineLoss.ts'
import { distanceFields, distancesOf } from './parts/distances.ts'
import { labelPairs } from './parts/labelPairs.ts'
import { reducerFields, sumWhere } from './parts/reducers.ts'
import { eachBlock, rowsIn, sumOverRows } from './parts/rowBlocks.ts'

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
    const { z, between } = distancesOf(embeddings, params)
    const of = (missing: Tensor): Tensor =>
      params.isSquared ? mul(square(relu(missing)), 0.5) : relu(missing)
    const termsOf = (rows: Tensor2D, columns: Tensor2D, block: RowChunk) => {
      const apart = between(rows, columns, block)
      const { positive, negative } = labelPairs(labels, block)
      return {
        pull: sumWhere(of(sub(apart, params.positiveMargin)), positive, params.reducer),
        push: sumWhere(of(sub(params.negativeMargin, apart)), negative, params.reducer),
      }
    }
    // How many pairs count has to be known before the two are added up.
    const counts = eachBlock([labels.size, labels.size], (block): Tensor2D => {
      const { pull, push } = termsOf(rowsIn(z, block), z, block)
      return reshape(stack([pull.count, push.count]), [1, 2])
    })
    const [pulls, pushes] = unstack(offTape(() => maximum(sum(counts, 0), 1))) as [Scalar, Scalar]
    const { total, aside } = sumOverRows({ rows: z, columns: z }, ({ rows, columns, ...block }) => {
      const terms = termsOf(rows, columns, block)
      const [pull, push] = [div(terms.pull.total, pulls), div(terms.push.total, pushes)]
      return { total: add(pull, push), aside: { pull, push } }
    })
    return { loss: total, parts: aside }
  },
})
