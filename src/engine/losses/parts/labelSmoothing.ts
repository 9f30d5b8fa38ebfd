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
  type Tensor2D,
} from '../../backend/tfjs.ts'
import { offTape } from '../../backend/offTape.ts'
import { linear } from '../../kernels/linear/linear.ts'
import { meanProduct } from './alignment.ts'
import { rowProducts } from './featureStatistics.ts'
import { sidePairs } from './labelPairs.ts'
import type { Pairs } from '../lossInputs.ts'

/**
 * What label smoothing adds to a contrastive loss in both directions, whose denominators it leaves as they are: the share e
 * of each target is spread over all columns, so that L + e·(mean over rows of the mean over positives − mean of all scores).
 * The matrix [B, B] of who belongs together is made only where there are ids.
 * @param pairs of rows as they are compared
 * @param scale a number, or the logarithm of one
 */
export function smoothingTerm(
  { a, b, ids }: Pairs,
  { smoothing, scale }: { readonly smoothing: number; readonly scale: number | Scalar },
): Scalar {
  const partners: Tensor2D = ids === null ? b : linear(positiveShares(ids, a.shape[0]), b, null)
  const apart = sub(mean(rowProducts(a, partners)), meanProduct(a, b))
  return mul(mul(apart, smoothing), typeof scale === 'number' ? scale : exp(scale))
}

/** [B, B]: 1 over the number of a row's positives where a column is one of them, else 0. */
function positiveShares(ids: NonNullable<Pairs['ids']>, count: number): Tensor2D {
  return offTape(() => {
    const { positive } = sidePairs(ids, count)
    const isPositive = where(positive, ones([1, 1]), zeros([1, 1]))
    return div(isPositive, sum(isPositive, 1, true)) as Tensor2D
  })
}
