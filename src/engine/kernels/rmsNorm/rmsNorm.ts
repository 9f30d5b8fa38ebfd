import type { StoredType } from '../../backend/storedType.ts'
import type { Tensor1D, Tensor2D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { fusedNorm } from '../layerNorm/normKernel.ts'
import { fusedBackend } from '../mode.ts'
import { checkTensor } from '../shapes.ts'

/**
 * Root-mean-square normalisation over the last axis (Zhang and Sennrich 2019).
 * @param x [N, D]
 * @param gain [D], or null for 1
 * @param stored how the result is stored; twins give f32
 * @returns [N, D]
 * @throws ShapeError
 */
export function rmsNorm(
  x: Tensor2D,
  gain: Tensor1D | null,
  epsilon: number,
  stored: StoredType = 'f32',
): Tensor2D {
  checkTensor('rmsNorm x', x, [null, null])
  if (gain) checkTensor('rmsNorm gain', gain, [x.shape[1]])
  const backend = fusedBackend('rmsNorm', x)
  if (backend === null) return rmsNormTwin(x, gain, epsilon)
  return fusedNorm(backend, x, { isCentred: false, gain, bias: null, epsilon, stored })
}

export function rmsNormTwin(x: Tensor2D, gain: Tensor1D | null, epsilon: number): Tensor2D {
  return tf.tidy(() => {
    const meanSquare = tf.mean(tf.square(x), 1, true)
    const y: Tensor2D = tf.mul(x, tf.rsqrt(tf.add(meanSquare, epsilon)))
    return gain ? tf.mul(y, gain) : y
  })
}
