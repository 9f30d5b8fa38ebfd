import { createDevice, type EngineDevice } from '../engine/backend/createDevice.ts'
import type { FlagSpecs } from './args.ts'
import { loadGpu } from './gpu.ts'

/** The flag of every command that computes. */
export const backendFlag = {
  backend: { type: 'choice', options: ['webgpu', 'cpu'] },
} as const satisfies FlagSpecs

/** The device that a command was asked to use; WebGPU when nothing was said. Throws as `createDevice` and `loadGpu`. */
export async function openDevice(backend: 'webgpu' | 'cpu' | null): Promise<EngineDevice> {
  const chosen = backend ?? 'webgpu'
  return createDevice({ backend: chosen, gpu: chosen === 'webgpu' ? await loadGpu() : null })
}
