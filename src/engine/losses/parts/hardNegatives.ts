import type { Fields } from '../../../core/schema.ts'
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

/** Settings of how negatives count that are hard. */
export const hardNegativeFields = {
  weight: {
    type: 'number',
    label: 'Weight',
    help: 'So many times a hard negative counts.',
    default: 2,
    min: 1,
    max: 1000,
  },
  share: {
    type: 'number',
    label: 'Share',
    help: 'How many of a row’s negatives are the most alike.',
    default: 0.1,
    min: 0.001,
    max: 1,
  },
  band: {
    type: 'number',
    label: 'Band',
    help: 'How much smaller the cosine of a semi-hard negative may be than that of the positives.',
    default: 0.2,
    min: 0.001,
    max: 2,
  },
} as const satisfies Fields

export interface HardNegatives {
  /** The most alike, or those a little less alike than the positives. */
  readonly strategy: 'top' | 'semi-hard'
  readonly weight: number
  readonly share: number
  readonly band: number
}

/** Below every similarity. */
const least = -3e38

/** [C, M]: logarithms of how many times each negative counts, by similarities [C, M] of some rows; without a gradient. */
export function hardnessOf(similarities: Tensor2D, pairs: LabelPairs, settings: HardNegatives): Tensor2D {
  const { strategy, weight, share, band } = settings
  const hard =
    strategy === 'top'
      ? hardestNegatives(similarities, pairs.negative, share)
      : semiHardNegatives(similarities, pairs, band)
  return mul(cast(hard, 'float32'), Math.log(weight))
}

/**
 * @param similarities [C, M]
 * @param negative bool [C, M]
 * @param share above 0, 1 at most; rounded up to whole negatives
 * @returns bool [C, M]: the most alike negatives of each row, with those that are as alike as the last of them
 */
function hardestNegatives(similarities: Tensor2D, negative: Tensor2D, share: number): Tensor2D {
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

/** @returns bool [C, M]: negatives that are less alike than the row's positives are on average, but by less than `width` */
function semiHardNegatives(
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
