import { DeviceError, toPlainError } from '../src/core/errors.ts'
import { createDevice, type EngineDevice } from '../src/engine/backend/createDevice.ts'
import type { BootInfo, NoGpuReason } from './protocol.ts'

/** A device, and why it is the CPU when that was not asked for. */
export interface AcquiredDevice {
  device: EngineDevice
  gpuProblem: BootInfo['gpuProblem']
}

/** `preferred` null: the GPU, else the CPU with the reason. A named one must work, or its error is thrown. */
export async function acquireDevice(preferred: 'webgpu' | 'cpu' | null): Promise<AcquiredDevice> {
  if (preferred === 'cpu')
    return { device: await createDevice({ backend: 'cpu', gpu: null }), gpuProblem: null }
  try {
    return { device: await createDevice({ backend: 'webgpu', gpu: browserGpu() }), gpuProblem: null }
  } catch (error) {
    if (preferred === 'webgpu' || !(error instanceof DeviceError)) throw error
    return {
      device: await createDevice({ backend: 'cpu', gpu: null }),
      gpuProblem: { reason: error.code as NoGpuReason, error: toPlainError(error) },
    }
  }
}

/** `navigator.gpu`; told apart when it is missing because the page was not served securely. */
function browserGpu(): GPU {
  const gpu = (navigator as Navigator & { gpu?: GPU }).gpu
  if (gpu) return gpu
  if (!globalThis.isSecureContext) {
    throw new DeviceError(
      'WebGPU is only there on secure pages, and this one is not (http and not localhost)',
      {
        code: 'insecure-context',
        remedy: 'Open it over https or as localhost. Until then it trains on the CPU.',
      },
    )
  }
  throw new DeviceError('This browser has no WebGPU', {
    code: 'no-webgpu',
    remedy:
      'Chrome and Edge have it from 113 (on Linux from 144), Safari from 26, Firefox from 141 on Windows and 145 on Macs. Until then it trains on the CPU.',
  })
}
