import type { Scalar, Tensor } from '../backend/tfjs.ts'
import { clipFactor, globalNorm } from '../kernels/globalNorm/globalNorm.ts'

/**
 * Length of all gradients taken as one vector, and the factor min(1, maxNorm / (length + 1e-6)) that shortens it to
 * `maxNorm` (Pascanu et al. 2013, as torch's clip_grad_norm_); `maxNorm` 0 leaves it alone. Both stay on the device.
 */
export function clipByGlobalNorm(
  gradients: readonly Tensor[],
  maxNorm: number,
): { norm: Scalar; factor: Scalar } {
  const norm = globalNorm([...gradients])
  return { norm, factor: clipFactor(norm, maxNorm) }
}
