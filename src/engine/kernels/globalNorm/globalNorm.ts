import type { BufferRange } from '../../backend/plannedBuffer.ts'
import { isBufferRange } from '../../backend/plannedBuffer.ts'
import type { Tensor, Tensor1D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import type { LabBackend } from '../../backend/labBackend.ts'
import { fusedBackend } from '../mode.ts'
import { fusedClip } from './globalNormKernel.ts'

/**
 * What to multiply gradients by, and their length taken as one vector: float32 [2], on the device. The factor is
 * min(1, maxNorm / (norm + 1e-6)) (Pascanu et al. 2013, as torch's clip_grad_norm_), and 1 where `maxNorm` is 0. The
 * sum has a fixed order. A norm is NaN where a gradient holds a NaN or an infinity.
 * @param gradients tensors, or parts of flat buffers
 */
export function clipByGlobalNorm(gradients: readonly (Tensor | BufferRange)[], maxNorm: number): Tensor1D {
  const tensors = gradients.filter((gradient): gradient is Tensor => !isBufferRange(gradient))
  const fused = fusedBackend('globalNorm', ...tensors)
  if (fused !== null && gradients.length > 0) return fusedClip(fused, gradients, maxNorm)
  return tf.tidy(() => clipTwin(gradients.map(tensorOver), maxNorm))
}

/** Only a {@link LabBackend} has ranges. */
function tensorOver(gradient: Tensor | BufferRange): Tensor {
  if (!isBufferRange(gradient)) return gradient
  const view = (tf.backend() as LabBackend).viewOf(gradient, [gradient.size / 4], 'float32')
  return tf.engine().makeTensorFromTensorInfo(view)
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
