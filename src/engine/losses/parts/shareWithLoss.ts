import { offTape } from '../../backend/offTape.ts'
import {
  cast,
  div,
  exp,
  fill,
  greater,
  logicalAnd,
  logicalOr,
  logSumExp,
  maximum,
  mul,
  reshape,
  stack,
  sub,
  sum,
  unstack,
  where,
  type Scalar,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
} from '../../backend/tfjs.ts'
import { rowScores } from '../../kernels/linear/rowScores.ts'
import { labelPairs } from './labelPairs.ts'
import { eachBlock, rowsIn } from './rowBlocks.ts'

/** Logarithm of what is lost beside 1 in double precision: a smaller loss is 0 in any implementation. */
const leastLogLoss = Math.log(Number.EPSILON)
const nothing = -3e38

/**
 * Of the anchors that have a positive, the share whose supervised contrastive loss is above 0; 1 where that are none.
 * With two positives or more it always is: at least the logarithm of their number. With one it is log(1 + r), r the
 * exponentials of the negatives over that of the positive, which is looked at before float32 rounds it away.
 * @param z [N, D], of length 1
 * @param labels int32 [N]
 * @param scale as `scaleOf` gives it
 */
export function shareWithLoss(z: Tensor2D, labels: Tensor1D, scale: number | Scalar): Scalar {
  const counts = eachBlock([labels.size, labels.size], (block): Tensor2D => {
    const { positive, negative } = labelPairs(labels, block)
    const scores = mul(rowScores(rowsIn(z, block), z), typeof scale === 'number' ? scale : exp(scale))
    const of = (mask: Tensor2D): Tensor => logSumExp(where(mask, scores, fill(scores.shape, nothing)), 1)
    const positives = sum(cast(positive, 'float32'), 1)
    const isAnchor = greater(positives, 0)
    const isAbove = logicalOr(greater(positives, 1), greater(sub(of(negative), of(positive)), leastLogLoss))
    const count = (mask: Tensor): Tensor => sum(cast(mask, 'float32'))
    return reshape(stack([count(logicalAnd(isAnchor, isAbove)), count(isAnchor)]), [1, 2])
  })
  return offTape(() => {
    const [withLoss, anchors] = unstack(maximum(sum(counts, 0), 1))
    return div(withLoss!, anchors!) as Scalar
  })
}
