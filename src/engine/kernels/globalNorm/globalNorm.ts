import type { BufferRange } from '../../backend/plannedBuffer.ts'
import { isBufferRange } from '../../backend/plannedBuffer.ts'
import type { Tensor, Tensor1D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { LabBackend } from '../../backend/labBackend.ts'
import { fusedBackend } from '../mode.ts'
import { fusedClip } from './globalNormKernel.ts'

/**
 * What to multiply gradients by, and their length taken as one vector: float32 [2], on the device. The factor is
 * min(1, maxNorm / (norm + 1e-6)) (Pascanu et al. 2013, as torch's clip_grad_norm_), and 1 where `maxNorm` is 0. The
 * sum has a fixed order. A norm is NaN where a gradient holds a NaN or an infinity.
 * @param gradients tensors, or parts of flat buffers
 */
export function clipByGlobalNorm(gradients: readonly (Tensor | BufferRange)[], maxNorm: number): Tensor1D {
  const ranges = gradients.filter(isBufferRange)
  const tensors = gradients.filter((gradient): gradient is Tensor => !isBufferRange(gradient))
  const backend = ranges.length > 0 ? tf.backend() : fusedBackend(...tensors)
  const isFused = backend instanceof LabBackend && gradients.length > 0
  return isFused ? fusedClip(backend, gradients, maxNorm) : clipTwin(tensors, maxNorm)
}

export function clipTwin(gradients: readonly Tensor[], maxNorm: number): Tensor1D {
  return tf.tidy(() => {
    let total: Tensor = tf.scalar(0)
    for (const gradient of gradients) total = tf.add(total, tf.sum(tf.square(gradient)))
    const norm = tf.sqrt(total)
    const factor = maxNorm === 0 ? tf.scalar(1) : tf.minimum(tf.div(maxNorm, tf.add(norm, 1e-6)), 1)
    return tf.stack([factor, norm]) as Tensor1D
  })
}
