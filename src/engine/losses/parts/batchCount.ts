import { add, div, minimum, onesLike, reshape, type Scalar, type Tensor } from '../../backend/tfjs.ts'
import { offTape } from '../../backend/offTape.ts'
import type { StateSpec } from '../defineLoss.ts'

/** A number of batches that a loss has seen, as it keeps it: whole, and exact up to 16 million. */
export const batchCount: StateSpec = { shape: [1], dtype: 'float32', init: 'zeros' }

/** One batch more. */
export function oneMore(count: Tensor): Tensor {
  return offTape(() => add(count, 1))
}

/**
 * Share of a ramp of so many batches that is behind after `count` of them, 0 to 1, without a gradient.
 * @param count [1]
 * @param length of the ramp; 0: as soon as there is one batch it is at its end
 */
export function rampShare(count: Tensor, length: number): Scalar {
  return offTape(() => reshape(minimum(div(count, Math.max(length, 1)), onesLike(count)), []) as Scalar)
}
