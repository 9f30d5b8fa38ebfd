import type { Tensor1D, Tensor2D } from '../backend/tfjs.ts'
import * as tf from '../backend/tfjs.ts'

/**
 * Rows with a 1 at the id, all 0 where it is outside 0..depth-1. tfjs's own refuses a depth of 1.
 * @param ids int32 [N]
 * @returns float32 [N, depth]
 */
export function oneHot(ids: Tensor1D, depth: number): Tensor2D {
  return tf.tidy(() => tf.cast(tf.equal(tf.expandDims(ids, 1), tf.range(0, depth, 1, 'int32')), 'float32'))
}
