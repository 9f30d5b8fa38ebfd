import type { Scalar, Tensor } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { fusedBackend } from '../mode.ts'
import { fusedClipFactor, fusedGlobalNorm } from './globalNormKernel.ts'

/** Euclidean norm of all elements of all tensors, added up in a fixed order. */
export function globalNorm(gradients: readonly Tensor[]): Scalar {
  const backend = fusedBackend(...gradients)
  if (backend === null || gradients.length === 0) return globalNormTwin(gradients)
  return fusedGlobalNorm(backend, gradients)
}

/**
 * What to multiply gradients by: min(1, maxNorm / (norm + 1e-6)) as in torch's clip_grad_norm_; 1 where maxNorm is 0.
 */
export function clipFactor(norm: Scalar, maxNorm: number): Scalar {
  const backend = fusedBackend(norm)
  if (backend === null || maxNorm === 0) return clipFactorTwin(norm, maxNorm)
  return fusedClipFactor(backend, norm, maxNorm)
}

export function globalNormTwin(gradients: readonly Tensor[]): Scalar {
  return tf.tidy(() => {
    let total = tf.scalar(0)
    for (const gradient of gradients) total = tf.add(total, tf.sum(tf.square(gradient)))
    return tf.sqrt(total)
  })
}

export function clipFactorTwin(norm: Scalar, maxNorm: number): Scalar {
  if (maxNorm === 0) return tf.scalar(1)
  return tf.tidy(() => tf.minimum(tf.div(maxNorm, tf.add(norm, 1e-6)), 1))
}
