import type { StoredType } from '../../backend/storedType.ts'
import type { Tensor1D, Tensor2D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { fusedBackend } from '../mode.ts'
import { checkTensor } from '../shapes.ts'
import { fusedNorm } from './normKernel.ts'

/**
 * Layer normalisation over the last axis (Ba et al. 2016), with the biased variance.
 * @param x [N, D]
 * @param gain [D], or null for 1
 * @param bias [D], or null for 0
 * @param stored how the result is stored; twins give f32
 * @returns [N, D]
 * @throws ShapeError
 */
export function layerNorm(
  x: Tensor2D,
  gain: Tensor1D | null,
  bias: Tensor1D | null,
  epsilon: number,
  stored: StoredType = 'f32',
): Tensor2D {
  checkTensor('layerNorm x', x, [null, null])
  if (gain) checkTensor('layerNorm gain', gain, [x.shape[1]])
  if (bias) checkTensor('layerNorm bias', bias, [x.shape[1]])
  const backend = fusedBackend('layerNorm', x)
  if (backend === null) return layerNormTwin(x, gain, bias, epsilon)
  return fusedNorm(backend, x, { isCentred: true, gain, bias, epsilon, stored })
}

export function layerNormTwin(
  x: Tensor2D,
  gain: Tensor1D | null,
  bias: Tensor1D | null,
  epsilon: number,
): Tensor2D {
  return tf.tidy(() => {
    const centred = tf.sub(x, tf.mean(x, 1, true))
    const variance = tf.mean(tf.square(centred), 1, true)
    let y: Tensor2D = tf.mul(centred, tf.rsqrt(tf.add(variance, epsilon)))
    if (gain) y = tf.mul(y, gain)
    if (bias) y = tf.add(y, bias)
    return y
  })
}
