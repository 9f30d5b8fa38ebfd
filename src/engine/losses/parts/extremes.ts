import {
  equal,
  fill,
  logicalAnd,
  max,
  min,
  neg,
  range,
  where,
  type Tensor,
  type Tensor2D,
} from '../../backend/tfjs.ts'
import { offTape } from '../../backend/offTape.ts'

/** Beyond everything that float32 losses compare. */
const beyond = 3e38

/** @returns [N, 1], without a gradient: the largest of each row that the mask [N, M] holds; -3e38 where it holds none */
export function largestWhere(values: Tensor2D, mask: Tensor2D): Tensor2D {
  return offTape(() => max(where(mask, values, fill(values.shape, -beyond)), 1, true))
}

/** @returns [N, 1], without a gradient: the smallest of each row that the mask [N, M] holds; 3e38 where it holds none */
export function smallestWhere(values: Tensor2D, mask: Tensor2D): Tensor2D {
  return offTape(() => min(where(mask, values, fill(values.shape, beyond)), 1, true))
}

/** @returns bool [N, M]: the place of the largest of each row that the mask holds, the first of equal ones; none of none */
export function firstLargest(values: Tensor2D, mask: Tensor2D): Tensor2D {
  return offTape(() => {
    const [, columns] = values.shape
    const isLargest = logicalAnd(mask, equal(values, largestWhere(values, mask)))
    const index: Tensor = range(0, columns, 1, 'float32')
    const none: Tensor = fill(values.shape, columns)
    const first = min(where(isLargest, index, none), 1, true)
    return equal(index, first) as Tensor2D
  })
}

/** As {@link firstLargest}, of the smallest. */
export function firstSmallest(values: Tensor2D, mask: Tensor2D): Tensor2D {
  return firstLargest(
    offTape(() => neg(values)),
    mask,
  )
}
