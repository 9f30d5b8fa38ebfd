import { LabBackend } from '../backend/labBackend.ts'
import * as tf from '../backend/tfjs.ts'

let isTwinsOnly = false

/** Makes every kernel use its composed tfjs twin, as an oracle for the fused one or to look for a fault. */
export function setTwinsOnly(value: boolean): void {
  isTwinsOnly = value
}

/** Kernels that are wrong on an adapter, by the names of their folders. */
const switchedOff = new WeakMap<LabBackend, ReadonlySet<string>>()

/** From now on these kernels, and no others, use their twins on this backend. Sessions made before keep theirs. */
export function switchOffKernels(backend: LabBackend, kernels: Iterable<string>): void {
  switchedOff.set(backend, new Set(kernels))
}

export function switchedOffKernels(backend: LabBackend): ReadonlySet<string> {
  return switchedOff.get(backend) ?? new Set()
}

export function isSwitchedOff(backend: LabBackend, kernel: string): boolean {
  return switchedOff.get(backend)?.has(kernel) ?? false
}

/**
 * The backend to run a fused kernel on, or null where the twin has to do: another backend, twins asked for, a kernel
 * that is switched off there, or an empty tensor (WebGPU has no empty bindings).
 * @param kernel name of its folder, under which its self-test goes
 */
export function fusedBackend(kernel: string, ...tensors: (tf.Tensor | null)[]): LabBackend | null {
  if (isTwinsOnly || tensors.some((tensor) => tensor?.size === 0)) return null
  const backend = tf.backend()
  return backend instanceof LabBackend && !isSwitchedOff(backend, kernel) ? backend : null
}
