import type { DeviceInfo } from '../training/types.ts'
import type { EngineDevice } from './createDevice.ts'
import { isSlowToCompile } from './deviceInfo.ts'
import { LabBackend } from './labBackend.ts'
import { UnmadeBuffer } from './unmadeBuffer.ts'
import * as tf from './tfjs.ts'

/** Any graphics card, for a device that is none. */
const graphicsCard = {
  isSoftware: false,
  features: ['shader-f16'],
  limits: {
    maxBufferSize: Number.MAX_SAFE_INTEGER,
    maxStorageBufferBindingSize: Number.MAX_SAFE_INTEGER,
    maxStorageBuffersPerShaderStage: 8,
    maxComputeWorkgroupStorageSize: 16384,
    maxComputeInvocationsPerWorkgroup: 256,
    maxComputeWorkgroupSizeX: 256,
    maxComputeWorkgroupSizeY: 256,
    maxComputeWorkgroupSizeZ: 64,
    maxComputeWorkgroupsPerDimension: 65535,
  },
}

/** A backend of which nothing but recordings is wanted: its buffers have a size and no memory, and nothing runs. */
class PlanningBackend extends LabBackend {
  override get isPlanning(): boolean {
    return true
  }

  override fill(): void {}
}

/**
 * Gives `run` a device that chooses kernels as a given one does, on which a session's state can be set up and its step be
 * recorded without a GPU, without memory and without computing first values. The CPU is planned as if it were a graphics
 * card. The current backend is the current one again afterwards.
 */
export function whilePlanning<T>(
  device: DeviceInfo,
  run: (planning: EngineDevice, backend: LabBackend) => T,
): T {
  return withGlobals(() => {
    const { isSoftware, features, limits } = device.backend === 'cpu' ? graphicsCard : device
    const current = tf.backend()
    const info = current instanceof LabBackend ? current.device.adapterInfo : ({} as GPUAdapterInfo)
    const gpu = unmadeDevice({ ...graphicsCard.limits, ...limits }, features, info)
    const backend = new PlanningBackend(gpu, info, { isSoftware, isSlowToCompile: isSlowToCompile(device) })
    const [name, before] = ['bunsen-plan', tf.getBackend()]
    tf.registerBackend(name, () => backend, 0)
    for (const kernel of tf.getKernelsForBackend('webgpu'))
      tf.registerKernel({ ...kernel, backendName: name })
    void tf.setBackend(name)
    try {
      return run(engineDevice(device), backend)
    } finally {
      void tf.setBackend(before)
      for (const { kernelName } of tf.getKernelsForBackend(name)) tf.unregisterKernel(kernelName, name)
      tf.removeBackend(name)
    }
  })
}

function engineDevice(like: DeviceInfo): EngineDevice {
  return {
    // A plan is told of what a device cannot compute, too.
    info: { ...like, backend: 'webgpu', features: [...like.features, 'shader-f16'] },
    lost: new Promise(() => {}),
    gpuDevice: null,
    throwIfFailed() {},
    memory: () => ({ usedBytes: 0, tensors: tf.memory().numTensors }),
    sync: () => Promise.resolve(),
    trim() {},
    dispose() {},
  }
}

/** What is asked of a GPUDevice outside recordings, by what sets up a session: it takes everything and does nothing. */
function unmadeDevice(
  limits: Record<string, number>,
  features: readonly string[],
  adapterInfo: GPUAdapterInfo,
): GPUDevice {
  const nothing = (): void => {}
  const pipeline = { label: '', getBindGroupLayout: () => null }
  const pass = {
    setPipeline: nothing,
    setBindGroup: nothing,
    dispatchWorkgroups: nothing,
    end: nothing,
  }
  const device = {
    limits,
    features: new Set(features),
    adapterInfo,
    queue: { submit: nothing, writeBuffer: nothing },
    createBuffer: ({ size }: GPUBufferDescriptor) => new UnmadeBuffer(size),
    createBindGroup: () => ({}),
    createShaderModule: () => ({}),
    createComputePipeline: () => pipeline,
    createComputePipelineAsync: () => Promise.resolve(pipeline),
    createCommandEncoder: () => ({
      beginComputePass: () => pass,
      copyBufferToBuffer: nothing,
      clearBuffer: nothing,
      finish: () => null,
    }),
  }
  return device as unknown as GPUDevice
}

/** Names that tfjs's backend reads, with the numbers of the WebGPU specification. */
const globals = {
  GPUBufferUsage: {
    MAP_READ: 1,
    MAP_WRITE: 2,
    COPY_SRC: 4,
    COPY_DST: 8,
    INDEX: 16,
    VERTEX: 32,
    UNIFORM: 64,
    STORAGE: 128,
    INDIRECT: 256,
    QUERY_RESOLVE: 512,
  },
  GPUBuffer: class {},
  GPUTexture: class {},
}

/** Without WebGPU tfjs's backend finds none of its names, and refuses to be made: they are there while `run` runs. */
function withGlobals<T>(run: () => T): T {
  const undo: (() => void)[] = []
  const lend = (owner: object, name: string, value: object): void => {
    if (Reflect.get(owner, name)) return
    Object.defineProperty(owner, name, { value, configurable: true })
    undo.push(() => Reflect.deleteProperty(owner, name))
  }
  for (const [name, value] of Object.entries(globals)) lend(globalThis, name, value)
  lend(globalThis, 'navigator', {})
  lend(navigator, 'gpu', {})
  try {
    return run()
  } finally {
    for (const each of undo.reverse()) each()
  }
}
