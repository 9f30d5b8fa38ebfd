import type { LabBackend } from '../backend/labBackend.ts'
import type { Tensor } from '../backend/tfjs.ts'
import { newTensor } from './wgsl.ts'

/**
 * The tensor into which a kernel writes the gradient of `weight`, in full: the weight's own place among the flat
 * gradients of a training session where it has one that nothing has written yet, else a new tensor.
 */
export function gradientOutput<T extends Tensor>(backend: LabBackend, weight: T): T {
  return newTensor(backend, weight.shape) as unknown as T
}
