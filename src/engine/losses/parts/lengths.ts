import {
  cast,
  div,
  equal,
  greater,
  max,
  mul,
  onesLike,
  pow,
  reshape,
  sign,
  square,
  sum,
  where,
  zerosLike,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
} from '../../backend/tfjs.ts'
import { offTape } from '../../backend/offTape.ts'
import { safeSqrt } from './distances.ts'

/**
 * p-norms of rows, the largest number for p = ∞, which neither overflow nor vanish: each row is first divided by its largest number. The slope is 0 in
 * numbers that are 0, and in rows of zeros.
 * @param x [N, D]
 * @param p from 1, or Infinity
 * @returns [N]
 */
export function lengths(x: Tensor2D, p: number): Tensor1D {
  // tfjs's own absolute value has the slope -1 at 0.
  const sizes = mul(x, sign(x))
  if (p === Infinity) return largestOf(sizes)
  const largest = offTape(() => {
    const found = max(sizes, 1, true)
    return where(greater(found, 0), found, onesLike(found))
  })
  const powers = sum(raised(div(sizes, largest), p), 1)
  return mul(rootOf(powers, p), reshape(largest, powers.shape))
}

/** Numbers that are equally large share the slope, as in torch. */
function largestOf(sizes: Tensor): Tensor1D {
  const shares = offTape(() => {
    const isLargest = cast(equal(sizes, max(sizes, 1, true)), 'float32')
    return div(isLargest, sum(isLargest, 1, true))
  })
  return sum(mul(sizes, shares), 1)
}

function raised(x: Tensor, p: number): Tensor {
  if (p === 1) return x
  return p === 2 ? square(x) : pow(x, p)
}

function rootOf(x: Tensor, p: number): Tensor {
  if (p === 1) return x
  if (p === 2) return safeSqrt(x)
  const isThere = offTape(() => greater(x, 0))
  return where(isThere, pow(where(isThere, x, onesLike(x)), 1 / p), zerosLike(x))
}
