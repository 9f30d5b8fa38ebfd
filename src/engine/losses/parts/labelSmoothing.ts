import {
  div,
  exp,
  mean,
  mul,
  ones,
  sub,
  sum,
  where,
  zeros,
  type Scalar,
  type Tensor1D,
  type Tensor2D,
} from '../../backend/tfjs.ts'
import { offTape } from '../../backend/offTape.ts'
import { linear } from '../../kernels/linear/linear.ts'
import type { RowChunk } from '../../kernels/rowChunks.ts'
import { meanProduct } from './alignment.ts'
import { rowProducts } from './featureStatistics.ts'
import { sidePairs } from './labelPairs.ts'
import { sumOverRows } from './rowBlocks.ts'
import type { Pairs } from '../lossInputs.ts'

/**
 * What label smoothing adds to a contrastive loss in both directions, whose denominators it leaves as they are: the share e
 * of each target is spread over all columns, so that L + e·(mean over rows of the mean over positives − mean of all scores).
 * Who belongs together is looked at only where there are ids.
 * @param pairs of rows as they are compared
 * @param scale a number, or the logarithm of one
 */
export function smoothingTerm(
  { a, b, ids }: Pairs,
  { smoothing, scale }: { readonly smoothing: number; readonly scale: number | Scalar },
): Scalar {
  const together = ids === null ? mean(rowProducts(a, b)) : meanOfPositives(a, b, ids)
  const apart = sub(together, meanProduct(a, b))
  return mul(mul(apart, smoothing), typeof scale === 'number' ? scale : exp(scale))
}

/** Mean over rows of the mean product with their positives. */
function meanOfPositives(a: Tensor2D, b: Tensor2D, ids: Tensor1D): Scalar {
  const { total } = sumOverRows({ rows: a, columns: b }, ({ rows, columns, ...block }) => {
    const partners = linear(positiveShares(ids, block), columns, null)
    return { total: sum(mul(rows, partners)), aside: {} }
  })
  return div(total, ids.size)
}

/** [C, B]: 1 over the number of a row's positives where a column is one of them, else 0. */
function positiveShares(ids: Tensor1D, block: RowChunk): Tensor2D {
  return offTape(() => {
    const { positive } = sidePairs(ids, ids.size, block)
    const isPositive = where(positive, ones([1, 1]), zeros([1, 1]))
    return div(isPositive, sum(isPositive, 1, true)) as Tensor2D
  })
}
