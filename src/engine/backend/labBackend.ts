import { DeviceError } from '../../core/errors.ts'
import type { TensorInfo } from './tfjs.ts'
import { env, util, WebGPUBackend } from './tfjs.ts'
import type { Dispatch } from './dispatch.ts'
import { isBufferRange, PlannedBuffer, type BufferRange } from './plannedBuffer.ts'
import { PipelineCache } from './pipelineCache.ts'
import { notRecordable, PipelineStandIn, Recorder, type Recording } from './recorder.ts'
import { fromHalf, halfBytes, refuseCastBits, refuseHalf, type StoredType } from './storedType.ts'
import { emptyPool, internalsOf, type TensorData, type WebGPUInternals } from './tfjsInternals.ts'
import { UnmadeBuffer } from './unmadeBuffer.ts'

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
  /** `device` is another one while a step is recorded. */
  readonly #gpu: GPUDevice
  readonly #pipelines: PipelineCache
  readonly #constants = new Map<string, GPUBuffer>()
  #lastUniforms: { words: string; buffer: GPUBuffer } | null = null
  #recorder: Recorder | null = null
  #isCompiledLater = false
  #ownBytes = 0
  /** Data that came up while recording: only it may live in planned buffers. */
  #bornInRecording = new WeakSet<object>()

  constructor(device: GPUDevice, info: GPUAdapterInfo | undefined, traits: AdapterTraits) {
    super(device, info)
    this.#gpu = device
    this.isSoftware = traits.isSoftware
    this.isSlowToCompile = traits.isSlowToCompile
    this.#internals = internalsOf(this)
    this.#pipelines = new PipelineCache(device, this.#internals)
    // tfjs binds whole buffers; private there, so not overridden but replaced.
    Reflect.set(this, 'tensorToBinding', (tensor?: TensorInfo) => (tensor ? this.#rangeOf(tensor) : null))
  }

  /** Nothing is stored and nothing runs: only recordings are wanted. */
  get isPlanning(): boolean {
    return false
  }

  /** Adds a dispatch to the current pass; nothing waits. */
  dispatch({ key, wgsl, writes, reads, uniforms, grid, flops = 0, takesHalf = false }: Dispatch): void {
    if (!takesHalf) this.refuseHalf(key, [...writes, ...reads])
    for (const source of reads)
      if ('dataId' in source) refuseCastBits(key, source.dtype, this.#dataOf(source))
    const ranges: BufferRange[] = []
    for (const target of writes) {
      ranges.push(this.#rangeOf(target))
      // A host copy made by an earlier read would be stale from now on.
      if ('dataId' in target) this.#dataOf(target).values = null
    }
    for (const source of reads) ranges.push(this.#rangeOf(source))
    if (uniforms instanceof ArrayBuffer) ranges.push(wholeOf(this.#uniformBuffer(uniforms)))
    else if (uniforms !== undefined) ranges.push(uniforms)
    const planned = this.#pipelines.own(key, wgsl)
    const pipeline =
      this.#recorder === null ? planned.compileNow() : new PipelineStandIn(planned, writes.length, flops)
    const bindGroup = this.device.createBindGroup({
      // A stand-in has no layout, and is asked for none.
      layout: pipeline.getBindGroupLayout(0)!,
      entries: ranges.map((range, binding) => ({ binding, resource: range as GPUBufferBinding })),
    })
    const internals = this.#internals
    this.ensureCommandEncoderReady()
    internals.computePassEncoder ??= internals.commandEncoder!.beginComputePass()
    internals.computePassEncoder.setPipeline(pipeline as GPUComputePipeline)
    internals.computePassEncoder.setBindGroup(0, bindGroup)
    internals.computePassEncoder.dispatchWorkgroups(...grid)
    internals.dispatchCountInPass++
    if (internals.dispatchCountInPass >= env().getNumber('WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE')) this.flush()
  }

  /** Whether dispatches are noted down instead of done. */
  get isRecording(): boolean {
    return this.#recorder !== null
  }

  /**
   * Notes down what `run` asks of the GPU, without doing any of it: no memory is taken, no pipeline compiled, and new
   * tensors have no values. Tensors of before keep theirs.
   * @param isCompiledLater tfjs's programs are compiled in the background; else at once
   * @throws DeviceError `not-recordable` where `run` reads back
   */
  record(run: () => void, isCompiledLater: boolean): Recording {
    this.flush()
    const internals = this.#internals
    const { device, queue, bufferManager } = this
    const recorder = new Recorder(device, (descriptor) => this.#pipelines.begin(descriptor))
    this.#recorder = recorder
    Object.assign(this, {
      device: recorder.device,
      queue: recorder.queue,
      bufferManager: recorder.bufferManager,
    })
    this.#isCompiledLater = isCompiledLater
    env().set('WEBGPU_ENGINE_COMPILE_ONLY', isCompiledLater)
    try {
      run()
      this.endComputePassEncoder()
      if (internals.commandEncoder !== null) this.submitQueue()
    } finally {
      internals.computePassEncoder = null
      internals.commandEncoder = null
      // Left over where `run` threw: tfjs's pool does not know them.
      internals.uniformPendingDisposal.length = 0
      this.#recorder = null
      this.#lastUniforms = null
      env().set('WEBGPU_ENGINE_COMPILE_ONLY', false)
      Object.assign(this, { device, queue, bufferManager })
    }
    return { commands: recorder.commands, forwardEnds: recorder.forwardEnds }
  }

  /** While a step is recorded: what is needed from here on was kept for the backward pass. */
  endForward(): void {
    this.#recorder?.forwardEnds.push(this.#recorder.commands.length)
  }

  /**
   * A new tensor whose buffer holds f16, to tfjs a float32 one. Only dispatches with `takesHalf` can use it: all
   * others, and tfjs's own programs, are refused by name.
   */
  makeHalf(shape: number[]): TensorInfo {
    const info = this.makeTensorInfo(shape, 'float32')
    this.#dataOf(info).isHalf = true
    return info
  }

  /** How the buffer of a float32 tensor holds its numbers. */
  storedAs(tensor: TensorInfo): StoredType {
    return this.#dataOf(tensor).isHalf === true ? 'f16' : 'f32'
  }

  /** @throws ShapeError `half-precision` where `name`, which reads 32-bit numbers, is given a tensor stored as f16 */
  refuseHalf(name: string, sources: readonly object[]): void {
    for (const source of sources) {
      if ('dataId' in source && this.tensorMap.has(source.dataId as object))
        refuseHalf(name, this.tensorMap.get(source.dataId as object) as TensorData)
    }
  }

  /** A tensor over a part of a buffer, which stays its owner. */
  viewOf(range: BufferRange, shape: number[], dtype: 'float32' | 'int32'): TensorInfo {
    const info = this.makeTensorInfo(shape, dtype)
    const { buffer, offset, size } = range
    Object.assign(this.#dataOf(info), { resource: buffer, external: true, view: { offset, size } })
    return info
  }

  /** Where a tensor's numbers lie. Uploads them where they are still on the host. */
  rangeOf(tensor: TensorInfo): BufferRange {
    return this.#rangeOf(tensor)
  }

  /** Adds a copy in the order of dispatches. Both parts have the same size. */
  copy(from: TensorInfo, to: BufferRange): void {
    const source = this.#rangeOf(from)
    this.ensureCommandEncoderReady()
    this.endComputePassEncoder()
    this.#internals.commandEncoder!.copyBufferToBuffer(
      source.buffer as GPUBuffer,
      source.offset,
      to.buffer as GPUBuffer,
      to.offset,
      to.size,
    )
  }

  /** Values that the host holds of tensors whose buffers were changed behind tfjs's back. */
  forgetHostCopy(tensor: TensorInfo): void {
    this.#dataOf(tensor).values = null
  }

  /** Fills a tensor with zeros: recycled buffers hold old values. */
  clear(tensor: TensorInfo): void {
    const { buffer, offset, size } = this.#rangeOf(tensor)
    this.ensureCommandEncoderReady()
    this.endComputePassEncoder()
    this.#internals.commandEncoder!.clearBuffer(buffer as GPUBuffer, offset, size)
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
    const buffer = this.makeBuffer({
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

  /** Writes into a buffer, after everything that was dispatched before. `make` is not called where nothing is stored. */
  fill(buffer: GPUBuffer, offset: number, make: () => ArrayBufferView<ArrayBuffer>): void {
    this.flush()
    this.device.queue.writeBuffer(buffer, offset, make())
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
    if (this.#recorder !== null && !this.#bornInRecording.has(dataId)) {
      const { resource } = this.#dataOf({ dataId })
      if (resource !== undefined && resource !== null) return
      throw notRecordable('a tensor of before that was never uploaded')
    }
    const data = this.#dataOf({ dataId })
    if (data.isHalf === true) {
      const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST
      data.resource ??= this.bufferManager.acquireBuffer(halfBytes(data.shape), usage)
      tellShape(data)
      return
    }
    try {
      super.uploadToGPU(dataId)
      tellShape(data)
    } catch (cause) {
      if (!(cause instanceof RangeError)) throw cause
      throw new DeviceError(`GPU: a tensor must fit in memory, got ${cause.message}`, {
        code: 'out-of-memory',
        remedy: 'Choose a smaller batch, context or model.',
        cause,
      })
    }
  }

  override write(...args: Parameters<WebGPUBackend['write']>): ReturnType<WebGPUBackend['write']> {
    const dataId = super.write(...args)
    if (this.#recorder !== null) this.#bornInRecording.add(dataId)
    return dataId
  }

  /** @throws DeviceError `not-recordable` while a step is recorded */
  override async read(dataId: object): ReturnType<WebGPUBackend['read']> {
    const { values, view, resource, dtype, isHalf, shape } = this.#dataOf({ dataId })
    if (values !== null && values !== undefined) return super.read(dataId)
    if (this.#recorder !== null) throw notRecordable('a read-back')
    if (isHalf === true) return fromHalf(await this.readRange(wholeOf(resource as GPUBuffer)), shape)
    if (view === undefined) return super.read(dataId)
    const bytes = await this.readRange({ buffer: resource as GPUBuffer, ...view })
    return dtype === 'int32' ? new Int32Array(bytes) : new Float32Array(bytes)
  }

  /**
   * Gives what the host still has. @throws DeviceError `not-recordable` for what only the device has: nothing here
   * blocks for it
   */
  override readSync(dataId: object): ReturnType<WebGPUBackend['readSync']> {
    const { values } = this.#dataOf({ dataId })
    if (values === null || values === undefined) throw notRecordable('a read-back that does not wait')
    return values as ReturnType<WebGPUBackend['readSync']>
  }

  /** Bytes of a part of a buffer, after everything that was dispatched before. */
  async readRange({ buffer, offset, size }: BufferRange): Promise<ArrayBuffer> {
    const usage = GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ
    this.flush()
    const staging = this.makeBuffer({ size, usage })
    try {
      const encoder = this.#gpu.createCommandEncoder()
      encoder.copyBufferToBuffer(buffer as GPUBuffer, offset, staging, 0, size)
      this.#gpu.queue.submit([encoder.finish()])
      await staging.mapAsync(GPUMapMode.READ)
      return staging.getMappedRange().slice(0)
    } finally {
      this.freeBuffer(staging)
    }
  }

  /** tfjs's own programs: compiled in the background where asked for, and noted down while a step is recorded. */
  override runWebGPUProgram(
    ...args: Parameters<WebGPUBackend['runWebGPUProgram']>
  ): ReturnType<WebGPUBackend['runWebGPUProgram']> {
    const [program, inputs, , uniforms] = args
    // tfjs puts shapes and types into it on the way.
    const name = program.shaderKey
    this.refuseHalf(name, inputs)
    const output = super.runWebGPUProgram(...args)
    const isHere = this.#recorder !== null && this.#isCompiledLater && util.sizeFromShape(output.shape) > 0
    if (!isHere) return output
    const pipeline = new PipelineStandIn(this.#pipelines.stock(program.shaderKey, name), 1)
    Object.assign(program, { pipeline })
    this.#internals.recordAndSubmit.call(this, program, output, inputs, uniforms)
    return output
  }

  /** A buffer outside tfjs's pool, which {@link usedBytes} counts until {@link freeBuffer}. */
  makeBuffer(descriptor: GPUBufferDescriptor): GPUBuffer {
    const buffer = this.#gpu.createBuffer(descriptor)
    this.#ownBytes += buffer.size
    return buffer
  }

  freeBuffer(buffer: GPUBuffer): void {
    this.#ownBytes -= buffer.size
    buffer.destroy()
  }

  /** GPU memory held: tensors, recycled buffers, constants and all of {@link makeBuffer}. */
  get usedBytes(): number {
    return this.bufferManager.numBytesAllocated + this.#ownBytes
  }

  override submitQueue(): void {
    super.submitQueue()
    // The submit gave the buffer back to the pool.
    this.#lastUniforms = null
  }

  override dispose(): void {
    super.dispose()
    for (const buffer of this.#constants.values()) this.freeBuffer(buffer)
    this.#constants.clear()
    this.#pipelines.clear()
  }

  #dataOf({ dataId }: { dataId: object }): TensorData {
    return this.tensorMap.get(dataId) as TensorData
  }

  #rangeOf(source: TensorInfo | GPUBuffer | BufferRange): BufferRange {
    if (!('dataId' in source)) return isBufferRange(source) ? source : wholeOf(source)
    this.uploadToGPU(source.dataId)
    // Kept until the submit.
    this.#internals.commandQueueOwnedIds.add(source.dataId)
    const { resource, view } = this.#dataOf(source)
    util.assert(
      resource instanceof GPUBuffer || resource instanceof PlannedBuffer || resource instanceof UnmadeBuffer,
      () => 'LabBackend: a tensor must live in a buffer',
    )
    const buffer = resource as GPUBuffer | PlannedBuffer
    return view === undefined ? wholeOf(buffer) : { buffer, ...view }
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

/** For people who read of the buffer. */
function tellShape({ resource, shape }: TensorData): void {
  if (resource instanceof PlannedBuffer) resource.shape ??= shape
}

function wholeOf(buffer: GPUBuffer | PlannedBuffer): BufferRange {
  return { buffer, offset: 0, size: buffer.size }
}
