import { createDevice, type EngineDevice } from '../engine/backend/createDevice.ts'
import type { FlagSpecs } from './args.ts'
import { loadGpu } from './gpu.ts'
import { settleVerdicts } from './kernelVerdicts.ts'

/** The flag of every command that computes. */
export const backendFlag = {
  backend: { type: 'choice', options: ['webgpu', 'cpu'] },
} as const satisfies FlagSpecs

/**
 * The device that a command was asked to use, its kernels tested; WebGPU when nothing was said. Throws as `createDevice`
 * and `loadGpu`.
 */
export async function openDevice(
  backend: 'webgpu' | 'cpu' | null,
  note: (line: string) => void,
): Promise<EngineDevice> {
  const device = await openUntested(backend)
  await settleVerdicts(device, note)
  return device
}

/** The same with kernels as they are. */
export async function openUntested(backend: 'webgpu' | 'cpu' | null): Promise<EngineDevice> {
  const chosen = backend ?? 'webgpu'
  return createDevice({ backend: chosen, gpu: chosen === 'webgpu' ? await loadGpu() : null })
}
