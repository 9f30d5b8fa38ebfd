import {
  add,
  exp,
  fill,
  log,
  max,
  mean,
  mul,
  pow,
  sub,
  sum,
  where,
  type Scalar,
  type Tensor1D,
  type Tensor2D,
} from '../backend/tfjs.ts'
import { l2Normalize } from '../kernels/l2Normalize/l2Normalize.ts'
import { rowScores } from '../kernels/linear/rowScores.ts'
import type { RowChunk } from '../kernels/rowChunks.ts'
import { defineLoss } from './defineLoss.ts'
import { rowProducts } from './parts/featureStatistics.ts'
import { diagonal } from './parts/labelPairs.ts'
import { lengths } from './parts/lengths.ts'
import { needsRows } from './parts/needsRows.ts'
import { eachBlock, rowsIn, sumOverRows } from './parts/rowBlocks.ts'

/**
 * Alignment and uniformity (Wang and Isola 2020): with rows of length 1, the mean of |a - b|^alpha of pairs, and the log of the mean of
 * exp(-t·|x_i - x_j|²) over different rows of one side, the mean of both sides; weighted. a, b [B, D], B at least 2.
 */
export default defineLoss({
  id: 'alignment-uniformity',
  title: 'Alignment and uniformity',
  summary:
    'Brings pairs together and spreads all rows over the sphere: what contrastive losses do, said outright.',
  formula: 'w₁·mean |a − b|^α + w₂·½ Σ of both sides of log mean exp(−t·|x_i − x_j|²)',
  use: 'Contrastive learning with the two forces in sight.',
  link: 'https://arxiv.org/abs/2005.10242',
  accepts: 'pairs',
  fields: {
    alignmentWeight: {
      type: 'number',
      label: 'Alignment',
      help: 'How much the distance of pairs counts.',
      default: 1,
      min: 0,
      max: 1000,
      step: 0.1,
    },
    alpha: {
      type: 'number',
      label: 'Alpha',
      help: 'Power of the distance of pairs: higher ones look at the pairs that are furthest apart.',
      default: 2,
      min: 1,
      max: 16,
      step: 0.5,
      isAdvanced: true,
    },
    uniformityWeight: {
      type: 'number',
      label: 'Uniformity',
      help: 'How much crowding counts.',
      default: 1,
      min: 0,
      max: 1000,
      step: 0.1,
    },
    sharpness: {
      type: 'number',
      label: 'Sharpness',
      help: 't: higher looks at near rows only.',
      default: 2,
      min: 0.01,
      max: 1000,
      scale: 'log',
    },
  },
  canBeNegative: () => true,
  compute({ alignmentWeight, alpha, uniformityWeight, sharpness }, pairs) {
    needsRows('alignment-uniformity', pairs.a.shape[0], 2)
    const [a, b] = [l2Normalize(pairs.a), l2Normalize(pairs.b)]
    const alignment: Scalar = mean(distancePower(a, b, alpha))
    const uniformity: Scalar = mul(add(crowding(a, sharpness), crowding(b, sharpness)), 0.5)
    const loss: Scalar = add(mul(alignment, alignmentWeight), mul(uniformity, uniformityWeight))
    return { loss, parts: { alignment, uniformity } }
  },
})

/** |a - b|^alpha of rows of length 1: [B]. */
function distancePower(a: Tensor2D, b: Tensor2D, alpha: number): Tensor1D {
  if (alpha === 2) return mul(sub(1, rowProducts(a, b)), 2)
  // By differences: 1 - cos of what is close has no digits left, and a root no slope at 0.
  const distance = lengths(sub(a, b), 2)
  return alpha === 1 ? distance : pow(distance, alpha)
}

/** From here on down e to the power is no normal number in float32. */
const deepest = -80

function crowding(x: Tensor2D, sharpness: number): Scalar {
  const count = x.shape[0]
  /** -t·|x_i - x_j|² = 2t·(x_i · x_j - 1) for rows of length 1, of a block; -1e30 of a row with itself. */
  const exponents = (rows: Tensor2D, columns: Tensor2D, block: RowChunk): Tensor2D => {
    const all: Tensor2D = mul(sub(rowScores(rows, columns), 1), 2 * sharpness)
    return where(diagonal(count, block), fill(all.shape, -1e30), all)
  }
  // Squared distances are 4 at most: only of sharp ones the largest has to be known before they are added up.
  const largest =
    -4 * sharpness >= deepest
      ? 0
      : max(eachBlock([count, count], (block) => max(exponents(rowsIn(x, block), x, block), 1)))
  const { total } = sumOverRows({ rows: x, columns: x }, ({ rows, columns, ...block }) => ({
    total: sum(exp(sub(exponents(rows, columns, block), largest))),
    aside: {},
  }))
  return sub(add(log(total), largest), Math.log(count * (count - 1)))
}
