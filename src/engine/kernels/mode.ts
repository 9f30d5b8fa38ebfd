import { LabBackend } from '../backend/labBackend.ts'
import * as tf from '../backend/tfjs.ts'

let isTwinsOnly = false

/** Makes every kernel use its composed tfjs twin, as an oracle for the fused one or to look for a fault. */
export function setTwinsOnly(value: boolean): void {
  isTwinsOnly = value
}

/**
 * The backend to run a fused kernel on, or null where the twin has to do: another backend, twins asked for, or an
 * empty tensor (WebGPU has no empty bindings).
 */
export function fusedBackend(...tensors: (tf.Tensor | null)[]): LabBackend | null {
  if (isTwinsOnly || tensors.some((tensor) => tensor?.size === 0)) return null
  const backend = tf.backend()
  return backend instanceof LabBackend ? backend : null
}
