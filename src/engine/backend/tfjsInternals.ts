import { DeviceError } from '../../core/errors.ts'

/**
 * Private fields of tfjs's WebGPUBackend that the dispatcher shares, so that its dispatches and the stock ones go into
 * the same pass in program order, and buffers are recycled only after the submit that uses them.
 */
export interface WebGPUInternals {
  commandEncoder: GPUCommandEncoder | null
  computePassEncoder: GPUComputePassEncoder | null
  commandQueueOwnedIds: WeakSet<object>
  dispatchCountInPass: number
  uniformPendingDisposal: GPUBuffer[]
  pipelineCache: Record<string, GPUComputePipeline | Promise<GPUComputePipeline>>
  recordAndSubmit(program: StockProgram, output: object, inputs: readonly object[], uniforms: unknown): void
}

/** A program of tfjs that is about to run. */
export interface StockProgram {
  shaderKey: string
  pipeline?: GPUComputePipeline | Promise<GPUComputePipeline>
}

/** What tfjs's WebGPU backend keeps of a tensor, and our views. */
export interface TensorData {
  dtype: string
  shape: readonly number[]
  /** A float32 tensor whose buffer holds f16. */
  isHalf?: boolean
  /** Made by its values on the host, or by a dispatch. */
  values?: ArrayLike<number> | null
  resource?: object | null
  /** Another one owns the buffer. */
  external?: boolean
  /** The part of it that is the tensor; undefined is all. */
  view?: { offset: number; size: number }
}

function isInternals(backend: object): backend is WebGPUInternals {
  return (
    'commandEncoder' in backend &&
    'computePassEncoder' in backend &&
    'commandQueueOwnedIds' in backend &&
    backend.commandQueueOwnedIds instanceof WeakSet &&
    'dispatchCountInPass' in backend &&
    typeof backend.dispatchCountInPass === 'number' &&
    'uniformPendingDisposal' in backend &&
    Array.isArray(backend.uniformPendingDisposal) &&
    'pipelineCache' in backend &&
    'recordAndSubmit' in backend &&
    typeof backend.recordAndSubmit === 'function'
  )
}

/** @throws DeviceError `device-failed` when another version of tfjs has other internals. */
export function internalsOf(backend: object): WebGPUInternals {
  if (isInternals(backend)) return backend
  throw new DeviceError('backend: needs the internals of tfjs-backend-webgpu 4.22, got another version', {
    code: 'device-failed',
    remedy: 'Install the version of @tensorflow/tfjs-backend-webgpu named in package.json.',
  })
}

interface BufferPool {
  freeBuffers: Map<string, GPUBuffer[]>
  numFreeBuffers: number
  numBytesAllocated: number
}

function isPool(pool: object): pool is BufferPool {
  return 'freeBuffers' in pool && pool.freeBuffers instanceof Map && 'numFreeBuffers' in pool
}

/**
 * Destroys the buffers that wait for reuse: tfjs's pool goes by exact size and never shrinks, so that every new batch
 * or model size would add to it. They belong to submitted work only, for which WebGPU keeps their memory.
 */
export function emptyPool(pool: object): void {
  if (!isPool(pool)) return
  for (const buffers of pool.freeBuffers.values()) {
    for (const buffer of buffers) {
      pool.numBytesAllocated -= buffer.size
      pool.numFreeBuffers--
      buffer.destroy()
    }
    buffers.length = 0
  }
}
