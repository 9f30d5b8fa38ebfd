import { DeviceError } from '../../core/errors.ts'
import type { TensorInfo } from './tfjs.ts'
import { env, util, WebGPUBackend } from './tfjs.ts'
import { emptyPool, internalsOf, type WebGPUInternals } from './tfjsInternals.ts'

/** One dispatch of any WGSL program. Bindings of group 0 are `writes`, then `reads`, then the uniform buffer. */
export interface Dispatch {
  /** Identifies the WGSL: its name and every constant spliced into it. */
  key: string
  /** Called once a key. */
  wgsl: () => string
  /** `read_write` storage: outputs, or tensors that are updated in place. */
  writes: readonly TensorInfo[]
  reads: readonly (TensorInfo | GPUBuffer)[]
  /** Values that change from call to call (step, learning rate, …). */
  uniforms?: ArrayBuffer
  /** Workgroups in x, y, z. */
  grid: readonly [number, number, number]
}

export interface AdapterTraits {
  isSoftware: boolean
  isSlowToCompile: boolean
}

/** tfjs's WebGPU backend plus a dispatcher with several outputs and in-place writes. */
export class LabBackend extends WebGPUBackend {
  /** A rasteriser on the CPU: kernels choose forms without barriers and with little code. Tests set it to try both. */
  isSoftware: boolean
  /** Its shader compiler takes tens of seconds for long unrolled code. */
  readonly isSlowToCompile: boolean
  readonly #internals: WebGPUInternals
  readonly #pipelines = new Map<string, GPUComputePipeline>()
  readonly #constants = new Map<string, GPUBuffer>()
  #lastUniforms: { words: string; buffer: GPUBuffer } | null = null

  constructor(device: GPUDevice, info: GPUAdapterInfo | undefined, traits: AdapterTraits) {
    super(device, info)
    this.isSoftware = traits.isSoftware
    this.isSlowToCompile = traits.isSlowToCompile
    this.#internals = internalsOf(this)
  }

  /** Threads that share a row in row-wise kernels. */
  get rowLanes(): 1 | 64 {
    return this.isSoftware ? 1 : 64
  }

  /** Adds a dispatch to the current pass; nothing waits. */
  dispatch({ key, wgsl, writes, reads, uniforms, grid }: Dispatch): void {
    const pipeline = this.#pipeline(key, wgsl)
    const buffers: GPUBuffer[] = []
    for (const tensor of writes) {
      buffers.push(this.#bufferOf(tensor))
      // A host copy made by an earlier read would be stale from now on.
      Reflect.set(this.tensorMap.get(tensor.dataId), 'values', null)
    }
    for (const source of reads) buffers.push(source instanceof GPUBuffer ? source : this.#bufferOf(source))
    if (uniforms !== undefined) buffers.push(this.#uniformBuffer(uniforms))
    const bindGroup = this.device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
    })
    const internals = this.#internals
    this.ensureCommandEncoderReady()
    internals.computePassEncoder ??= internals.commandEncoder!.beginComputePass()
    internals.computePassEncoder.setPipeline(pipeline)
    internals.computePassEncoder.setBindGroup(0, bindGroup)
    internals.computePassEncoder.dispatchWorkgroups(...grid)
    internals.dispatchCountInPass++
    if (internals.dispatchCountInPass >= env().getNumber('WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE')) this.flush()
  }

  /** Fills a tensor with zeros: recycled buffers hold old values. */
  clear(tensor: TensorInfo): void {
    const buffer = this.#bufferOf(tensor)
    this.ensureCommandEncoderReady()
    this.endComputePassEncoder()
    this.#internals.commandEncoder!.clearBuffer(buffer)
  }

  /**
   * Workgroups for `count` of them along one line, folded into two dimensions where the limit asks for it:
   * kernels number them as `workgroup_id.x + workgroup_id.y * num_workgroups.x`.
   */
  line(count: number): [number, number, number] {
    const most = this.device.limits.maxComputeWorkgroupsPerDimension
    if (count <= most) return [count, 1, 1]
    const rows = Math.ceil(count / most)
    return [Math.ceil(count / rows), rows, 1]
  }

  /** A read-only table that lives as long as the backend; `make` is called once a key. */
  constant(key: string, make: () => Float32Array): GPUBuffer {
    const known = this.#constants.get(key)
    if (known) return known
    const values = make()
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC
    const buffer = this.device.createBuffer({
      size: values.byteLength,
      usage,
      mappedAtCreation: true,
      label: key,
    })
    new Float32Array(buffer.getMappedRange()).set(values)
    buffer.unmap()
    this.#constants.set(key, buffer)
    return buffer
  }

  /** Submits what has been recorded. */
  flush(): void {
    this.endComputePassEncoder()
    if (this.#internals.commandEncoder !== null) this.submitQueue()
  }

  /** Gives back the memory of buffers that wait for reuse. */
  trim(): void {
    this.flush()
    emptyPool(this.bufferManager)
  }

  /** @throws DeviceError `out-of-memory` where the host cannot map that many bytes */
  override uploadToGPU(dataId: object): void {
    try {
      super.uploadToGPU(dataId)
    } catch (cause) {
      if (!(cause instanceof RangeError)) throw cause
      throw new DeviceError(`GPU: a tensor must fit in memory, got ${cause.message}`, {
        code: 'out-of-memory',
        remedy: 'Choose a smaller batch, context or model.',
        cause,
      })
    }
  }

  /** GPU memory held: tensors, recycled buffers and constants. */
  get usedBytes(): number {
    let constants = 0
    for (const buffer of this.#constants.values()) constants += buffer.size
    return this.bufferManager.numBytesAllocated + constants
  }

  override submitQueue(): void {
    super.submitQueue()
    // The submit gave the buffer back to the pool.
    this.#lastUniforms = null
  }

  override dispose(): void {
    super.dispose()
    for (const buffer of this.#constants.values()) buffer.destroy()
    this.#constants.clear()
    this.#pipelines.clear()
  }

  #pipeline(key: string, wgsl: () => string): GPUComputePipeline {
    const known = this.#pipelines.get(key)
    if (known) return known
    const module = this.device.createShaderModule({ code: wgsl(), label: key })
    const compute = { module, entryPoint: 'main' }
    const pipeline = this.device.createComputePipeline({ layout: 'auto', compute, label: key })
    this.#pipelines.set(key, pipeline)
    return pipeline
  }

  /** The tensor's buffer, uploaded where its values are still on the host, kept until the submit. */
  #bufferOf(tensor: TensorInfo): GPUBuffer {
    this.uploadToGPU(tensor.dataId)
    this.#internals.commandQueueOwnedIds.add(tensor.dataId)
    const resource = this.tensorMap.get(tensor.dataId).resource
    util.assert(resource instanceof GPUBuffer, () => 'LabBackend: a tensor must live in a buffer')
    return resource as GPUBuffer
  }

  /** The optimizer passes the same numbers for every tensor: one buffer serves them until the submit. */
  #uniformBuffer(values: ArrayBuffer): GPUBuffer {
    const words = new Uint32Array(values).join()
    if (this.#lastUniforms?.words === words) return this.#lastUniforms.buffer
    const usage = GPUBufferUsage.COPY_DST | GPUBufferUsage.UNIFORM
    const buffer = this.bufferManager.acquireBuffer(values.byteLength, usage)
    this.queue.writeBuffer(buffer, 0, values)
    this.#internals.uniformPendingDisposal.push(buffer)
    this.#lastUniforms = { words, buffer }
    return buffer
  }
}
