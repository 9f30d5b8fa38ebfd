import type { Tensor1D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'

/** Low and high word of a step number, as kernels read it: int32 [2]. */
export function stepCounterWords(step: number): Int32Array {
  return Int32Array.of(step >>> 0, Math.floor(step / 2 ** 32))
}

export function stepCounter(step: number): Tensor1D {
  return tf.tensor1d(stepCounterWords(step), 'int32')
}
