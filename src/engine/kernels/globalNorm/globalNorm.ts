import type { BufferRange } from '../../backend/plannedBuffer.ts'
import { isBufferRange } from '../../backend/plannedBuffer.ts'
import type { Tensor, Tensor1D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import type { LabBackend } from '../../backend/labBackend.ts'
import { fusedBackend } from '../mode.ts'
import { fusedClip } from './globalNormKernel.ts'

/**
 * How long a vector is: the sum of absolute values, the square root of the sum of squares, or the largest absolute value.
 * torch's `norm_type` 1, 2 and infinity.
 */
export type GlobalNorm = 'l1' | 'l2' | 'max'

/**
 * What to multiply gradients by, and their length taken as one vector: float32 [2], on the device. The factor is
 * min(1, maxNorm / (norm + 1e-6)) (Pascanu et al. 2013, as torch's clip_grad_norm_), and 1 where `maxNorm` is 0. The
 * sum has a fixed order. A norm is NaN where a gradient holds a NaN or an infinity.
 * @param gradients tensors, or parts of flat buffers
 */
export function clipByGlobalNorm(
  gradients: readonly (Tensor | BufferRange)[],
  maxNorm: number,
  kind: GlobalNorm = 'l2',
): Tensor1D {
  const tensors = gradients.filter((gradient): gradient is Tensor => !isBufferRange(gradient))
  const fused = fusedBackend('globalNorm', ...tensors)
  if (fused !== null && gradients.length > 0) return fusedClip(fused, gradients, { maxNorm, kind })
  return tf.tidy(() => clipTwin(gradients.map(tensorOver), maxNorm, kind))
}

/** Only a {@link LabBackend} has ranges. */
function tensorOver(gradient: Tensor | BufferRange): Tensor {
  if (!isBufferRange(gradient)) return gradient
  const view = (tf.backend() as LabBackend).viewOf(gradient, [gradient.size / 4], 'float32')
  return tf.engine().makeTensorFromTensorInfo(view)
}

function clipTwin(gradients: readonly Tensor[], maxNorm: number, kind: GlobalNorm): Tensor1D {
  return tf.tidy(() => {
    const norm = normTwin(gradients, kind)
    const factor = maxNorm === 0 ? tf.scalar(1) : tf.minimum(tf.div(maxNorm, tf.add(norm, 1e-6)), 1)
    return tf.stack([factor, norm]) as Tensor1D
  })
}

function normTwin(gradients: readonly Tensor[], kind: GlobalNorm): Tensor {
  const none: Tensor = tf.scalar(0)
  switch (kind) {
    case 'l1':
      return gradients.reduce((total, gradient) => tf.add(total, tf.sum(tf.abs(gradient))), none)
    case 'l2':
      return tf.sqrt(gradients.reduce((total, gradient) => tf.add(total, tf.sum(tf.square(gradient))), none))
    case 'max':
      return gradients.reduce((most, gradient) => tf.maximum(most, tf.max(tf.abs(gradient))), none)
  }
}
