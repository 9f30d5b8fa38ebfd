import { DeviceError } from '../../core/errors.ts'
import type { DeviceInfo } from '../training/types.ts'
import { cpuInfo, describeAdapter, isSlowToCompile } from './deviceInfo.ts'
import { GpuErrorWatch } from './gpuErrors.ts'
import { LabBackend } from './labBackend.ts'
import * as tf from './tfjs.ts'

export interface EngineDevice {
  readonly info: DeviceInfo
  /** Resolves when the device is lost for a reason other than our own dispose(). */
  readonly lost: Promise<DeviceError>
  /** Throws the first uncaptured validation or out-of-memory error since the last call. */
  throwIfFailed(): void
  /** Live bytes: GPU buffers or CPU tensors. */
  memory(): { usedBytes: number; tensors: number }
  /** Waits until all submitted work is done. */
  sync(): Promise<void>
  /** Gives back memory kept for reuse: call it after a session, whose sizes the next one may not share. */
  trim(): void
  dispose(): void
  /** null on the CPU; tests destroy it to simulate a loss. */
  readonly gpuDevice: GPUDevice | null
}

const wantedFeatures: readonly GPUFeatureName[] = ['shader-f16', 'subgroups', 'timestamp-query']

/** What the kernels here and tfjs's own need; WebGPU's guaranteed core limits. */
const neededLimits = {
  maxComputeInvocationsPerWorkgroup: 256,
  maxComputeWorkgroupSizeX: 256,
  maxComputeWorkgroupStorageSize: 16384,
  maxComputeWorkgroupsPerDimension: 65535,
  maxStorageBuffersPerShaderStage: 8,
  maxStorageBufferBindingSize: 128 * 1024 * 1024,
  maxBufferSize: 256 * 1024 * 1024,
} as const

let devicesMade = 0

/**
 * Makes a device and its tensors' backend the current one. Several may exist one after the other (a lost device is
 * replaced by a new one). For WebGPU the caller provides `gpu` as `navigator.gpu`, and WebGPU's global classes.
 * @throws DeviceError `no-webgpu`, `no-adapter`, `limits-too-small`, `device-failed`
 */
export async function createDevice(options: {
  backend: 'webgpu' | 'cpu'
  gpu: GPU | null
}): Promise<EngineDevice> {
  if (options.backend === 'cpu') return createCpuDevice()
  if (options.gpu === null) {
    throw new DeviceError('createDevice: WebGPU must be there, got none', {
      code: 'no-webgpu',
      remedy: 'Use a current Chrome, Edge, Safari or Firefox, or train on the CPU.',
    })
  }
  const adapter = await requestAdapter(options.gpu)
  const device = await requestDevice(adapter)
  return createGpuDevice(device, adapter)
}

async function createCpuDevice(): Promise<EngineDevice> {
  await tf.setBackend('cpu')
  return {
    info: cpuInfo,
    lost: new Promise(() => {}),
    gpuDevice: null,
    throwIfFailed() {},
    memory: () => ({ usedBytes: tf.memory().numBytes, tensors: tf.memory().numTensors }),
    sync: () => Promise.resolve(),
    trim() {},
    dispose() {},
  }
}

async function requestAdapter(gpu: GPU): Promise<GPUAdapter> {
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' }).catch(() => null)
  if (adapter === null) {
    throw new DeviceError('createDevice: WebGPU must offer an adapter, got none', {
      code: 'no-adapter',
      remedy:
        'Turn on hardware acceleration in the browser and update the graphics driver, or train on the CPU.',
    })
  }
  for (const [name, needed] of Object.entries(neededLimits)) {
    const offered: unknown = Reflect.get(adapter.limits, name)
    if (typeof offered === 'number' && offered >= needed) continue
    throw new DeviceError(`createDevice: ${name} must be at least ${needed}, got ${String(offered)}`, {
      code: 'limits-too-small',
      remedy: 'Use another graphics adapter, or train on the CPU.',
      details: { limit: name, needed, offered: typeof offered === 'number' ? offered : null },
    })
  }
  return adapter
}

async function requestDevice(adapter: GPUAdapter): Promise<GPUDevice> {
  const names = Object.keys(neededLimits) as (keyof typeof neededLimits)[]
  try {
    return await adapter.requestDevice({
      requiredFeatures: wantedFeatures.filter((feature) => adapter.features.has(feature)),
      requiredLimits: Object.fromEntries(names.map((name) => [name, adapter.limits[name]])),
    })
  } catch (cause) {
    throw new DeviceError(`createDevice: the adapter must give a device, got ${messageOf(cause)}`, {
      code: 'device-failed',
      remedy: 'Close other tabs that use the GPU and reload the page.',
      cause,
    })
  }
}

async function createGpuDevice(gpuDevice: GPUDevice, adapter: GPUAdapter): Promise<EngineDevice> {
  const info = describeAdapter(adapter)
  const watch = new GpuErrorWatch(gpuDevice)
  let isDisposed = false
  const lost = new Promise<DeviceError>((resolve) => {
    void gpuDevice.lost.then(({ reason, message }) => {
      if (!isDisposed) resolve(lossError(reason, message))
    })
  })
  const backend = makeBackend(gpuDevice, adapter, info)
  const backendName = `bunsen-${++devicesMade}`
  tf.registerBackend(backendName, () => backend, 0)
  for (const kernel of tf.getKernelsForBackend('webgpu')) tf.registerKernel({ ...kernel, backendName })
  // Small ops must not hop to the CPU, and matrix products must not add up in a racing order (split-K).
  tf.env().set('WEBGPU_CPU_FORWARD', false)
  tf.env().set('WEBGPU_MATMUL_PROGRAM_TYPE', 3)
  await tf.setBackend(backendName)
  return {
    info,
    lost,
    gpuDevice,
    throwIfFailed: () => watch.throwIfFailed(),
    memory: () => ({ usedBytes: backend.usedBytes, tensors: tf.memory().numTensors }),
    async sync() {
      backend.flush()
      await gpuDevice.queue.onSubmittedWorkDone()
    },
    trim: () => backend.trim(),
    dispose() {
      if (isDisposed) return
      isDisposed = true
      watch.stop()
      const wasCurrent = tf.getBackend() === backendName
      tf.removeBackend(backendName)
      for (const { kernelName } of tf.getKernelsForBackend(backendName))
        tf.unregisterKernel(kernelName, backendName)
      gpuDevice.destroy()
      if (wasCurrent) void tf.setBackend('cpu')
    },
  }
}

function makeBackend(gpuDevice: GPUDevice, adapter: GPUAdapter, info: DeviceInfo): LabBackend {
  try {
    const traits = { isSoftware: info.isSoftware, isSlowToCompile: isSlowToCompile(info) }
    return new LabBackend(gpuDevice, adapter.info, traits)
  } catch (cause) {
    gpuDevice.destroy()
    if (cause instanceof DeviceError) throw cause
    throw new DeviceError(
      `createDevice: the tensor library must accept the device, got ${messageOf(cause)}`,
      {
        code: 'device-failed',
        remedy: 'Set navigator.gpu before making a device outside a browser.',
        cause,
      },
    )
  }
}

function lossError(reason: string, message: string): DeviceError {
  return new DeviceError(`GPU: the device must stay, got lost (${reason}): ${message}`, {
    code: 'device-lost',
    remedy: 'Resume from the last checkpoint; a smaller model or batch helps if it happens again.',
    details: { reason, message },
  })
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
