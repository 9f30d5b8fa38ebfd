import { add, greater, less, logicalAnd, sub, type Tensor2D } from '../../backend/tfjs.ts'
import { offTape } from '../../backend/offTape.ts'
import { largestWhere, smallestWhere } from './extremes.ts'
import type { LabelPairs } from './labelPairs.ts'

/**
 * Pairs worth learning from (Wang et al. 2019): positives that are less alike than the anchor's most alike negative, and
 * negatives that are more alike than its least alike positive, each by less than epsilon. None of an anchor that lacks
 * either.
 * @param similarities [C, N], of some rows with all
 */
export function informativePairs(
  similarities: Tensor2D,
  { positive, negative }: LabelPairs,
  epsilon: number,
): LabelPairs {
  const [nearest, farthest] = [largestWhere(similarities, negative), smallestWhere(similarities, positive)]
  const isHardPositive = offTape(() => less(sub(similarities, epsilon), nearest))
  const isHardNegative = offTape(() => greater(add(similarities, epsilon), farthest))
  return {
    positive: logicalAnd(positive, isHardPositive),
    negative: logicalAnd(negative, isHardNegative),
  }
}
