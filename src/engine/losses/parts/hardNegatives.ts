import {
  cast,
  ceil,
  div,
  equal,
  fill,
  greater,
  greaterEqual,
  less,
  logicalAnd,
  maximum,
  mul,
  range,
  sub,
  sum,
  topk,
  where,
  zerosLike,
  type Tensor,
  type Tensor2D,
} from '../../backend/tfjs.ts'
import { offTape } from '../../backend/offTape.ts'
import type { LabelPairs } from './labelPairs.ts'

/** Below every similarity. */
const least = -3e38

/**
 * @param similarities [N, M]
 * @param negative bool [N, M]
 * @param share above 0, 1 at most; rounded up to whole negatives
 * @returns bool [N, M]: the most alike negatives of each row, with those that are as alike as the last of them
 */
export function hardestNegatives(similarities: Tensor2D, negative: Tensor2D, share: number): Tensor2D {
  return offTape(() => {
    const [, columns] = similarities.shape
    const sorted = topk(where(negative, similarities, fill([1, 1], least)), Math.ceil(share * columns)).values
    // Less a bit: a product that is whole must not be rounded up.
    const counts = ceil(sub(mul(sum(cast(negative, 'float32'), 1, true), share), 1e-4))
    const isLast = equal(range(1, sorted.shape[1]! + 1, 1, 'float32'), counts)
    const lowest = sum(where(isLast, sorted, zerosLike(sorted)), 1, true)
    return logicalAnd(negative, greaterEqual(similarities, lowest))
  })
}

/** @returns bool [N, M]: negatives that are less alike than the row's positives are on average, but by less than `width` */
export function semiHardNegatives(
  similarities: Tensor2D,
  { positive, negative }: LabelPairs,
  width: number,
): Tensor2D {
  return offTape(() => {
    const average = meanOf(similarities, positive)
    const isWithin = logicalAnd(less(similarities, average), greater(similarities, sub(average, width)))
    return logicalAnd(negative, isWithin) as Tensor2D
  })
}

function meanOf(similarities: Tensor2D, mask: Tensor2D): Tensor {
  const total = sum(where(mask, similarities, zerosLike(similarities)), 1, true)
  return div(total, maximum(sum(cast(mask, 'float32'), 1, true), 1))
}
