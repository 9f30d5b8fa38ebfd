import {
  add,
  argMax,
  fill,
  log,
  mean,
  neg,
  sqrt,
  square,
  sub,
  sum,
  where,
  type Scalar,
  type Tensor1D,
  type Tensor2D,
} from '../backend/tfjs.ts'
import { embedding } from '../kernels/embedding/embedding.ts'
import { l2Normalize } from '../kernels/l2Normalize/l2Normalize.ts'
import { rowScores } from '../kernels/linear/rowScores.ts'
import { defineLoss } from './defineLoss.ts'
import { diagonal } from './parts/labelPairs.ts'
import { needsRows } from './parts/needsRows.ts'
import { eachBlock, rowsIn } from './parts/rowBlocks.ts'

/**
 * KoLeo (Sablayrolles et al. 2019): with x of length 1, minus the mean log of each row's distance to its nearest neighbour in
 * the batch; both ends of the distance get a gradient. embeddings [N, D], N at least 2.
 */
export default defineLoss({
  id: 'koleo',
  title: 'KoLeo',
  summary: 'Spreads rows evenly over the sphere by pushing nearest neighbours apart.',
  formula: '−mean of log |x_i − x_nn(i)|',
  use: 'A regulariser beside DINO and other self-supervised losses.',
  link: 'https://arxiv.org/abs/1806.03198',
  accepts: 'embeddings',
  fields: {
    epsilon: {
      type: 'number',
      label: 'Epsilon',
      help: 'Added to differences and distances, which keeps equal rows from an infinite loss; rows have this length at least.',
      default: 1e-8,
      min: 1e-12,
      max: 1,
      scale: 'log',
      isAdvanced: true,
    },
  },
  canBeNegative: () => true,
  compute({ epsilon }, { embeddings }) {
    needsRows('koleo', embeddings.shape[0], 2)
    const x = l2Normalize(embeddings, epsilon)
    const neighbours = embedding(x, nearest(x))
    const distances = sqrt(sum(square(add(sub(x, neighbours), epsilon)), 1))
    return { loss: neg(mean(log(add(distances, epsilon)))) as Scalar, parts: {} }
  },
})

/** int32 [N]: the row with the largest product with each, not itself. */
function nearest(x: Tensor2D): Tensor1D {
  const count = x.shape[0]
  return eachBlock([count, count], (block): Tensor1D => {
    const products = rowScores(rowsIn(x, block), x)
    return argMax(where(diagonal(count, block), fill(products.shape, -3e38), products), 1)
  })
}
