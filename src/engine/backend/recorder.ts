import { DeviceError } from '../../core/errors.ts'
import { PlannedBuffer, type BufferRange } from './plannedBuffer.ts'

/** A pipeline that may still be compiling: the same object whenever it is the same program. */
export interface PlannedPipeline {
  readonly label: string
  /** Compiles in the background; several at a time. */
  readonly compile: () => Promise<GPUComputePipeline>
  /** Compiles at once and blocks, unless it is there already. */
  readonly compileNow: () => GPUComputePipeline
}

export type Command =
  | {
      readonly kind: 'dispatch'
      readonly pipeline: PlannedPipeline
      readonly bindings: readonly BufferRange[]
      /** How many of the bindings, the first ones, are written. */
      readonly writes: number
      readonly grid: readonly [number, number, number]
      readonly flops: number
    }
  | { readonly kind: 'copy'; readonly from: BufferRange; readonly to: BufferRange }
  | { readonly kind: 'clear'; readonly range: BufferRange }

/** What one run of a step asked of the GPU, in order. Nothing was done yet. */
export interface Recording {
  readonly commands: readonly Command[]
  /** How many commands there were each time a forward pass ended, if it was told. */
  readonly forwardEnds: readonly number[]
}

type AnyBuffer = GPUBuffer | PlannedBuffer

/** What stands in a bind group until there is a real one. */
class PlannedBindings {
  readonly bindings: readonly BufferRange[]
  constructor(bindings: readonly BufferRange[]) {
    this.bindings = bindings
  }
}

/** Answers for a pipeline where tfjs asks for its layout and sets it. */
export class PipelineStandIn {
  readonly pipeline: PlannedPipeline
  readonly writes: number
  readonly flops: number
  constructor(pipeline: PlannedPipeline, writes: number, flops = 0) {
    this.pipeline = pipeline
    this.writes = writes
    this.flops = flops
  }
  getBindGroupLayout(): null {
    return null
  }
}

/**
 * Takes the place of device, queue, buffer manager and encoder of tfjs's backend while a step is recorded, so that
 * tfjs's own programs and ours are noted down in one list, and no memory and no GPU time is spent.
 */
export class Recorder {
  readonly commands: Command[] = []
  readonly forwardEnds: number[] = []
  readonly #device: GPUDevice
  /** @param compileLater begins to compile in the background */
  constructor(device: GPUDevice, compileLater: GPUDevice['createComputePipelineAsync']) {
    this.#device = device
    this.device.createComputePipelineAsync = compileLater
    this.device.limits = device.limits
    this.device.features = device.features
    this.device.adapterInfo = device.adapterInfo
  }

  /** In place of the device. */
  readonly device = {
    createBindGroup: ({ entries }: GPUBindGroupDescriptor): PlannedBindings =>
      new PlannedBindings(
        [...entries]
          .sort((a, b) => a.binding - b.binding)
          .map(({ resource }) => {
            const { buffer, offset = 0, size } = resource as GPUBufferBinding & { buffer: AnyBuffer }
            return { buffer, offset, size: size ?? buffer.size - offset }
          }),
      ),
    createCommandEncoder: () => this.#encoder(),
    createShaderModule: (descriptor: GPUShaderModuleDescriptor) =>
      this.#device.createShaderModule(descriptor),
    createComputePipelineAsync: null as GPUDevice['createComputePipelineAsync'] | null,
    createComputePipeline: (descriptor: GPUComputePipelineDescriptor) =>
      this.#device.createComputePipeline(descriptor),
    limits: null as GPUSupportedLimits | null,
    features: null as GPUSupportedFeatures | null,
    adapterInfo: null as GPUAdapterInfo | null,
  }

  /** In place of the queue. */
  readonly queue = {
    submit() {},
    writeBuffer(
      buffer: AnyBuffer,
      offset: number,
      data: ArrayBuffer | ArrayBufferView<ArrayBuffer>,
      dataOffset = 0,
      size?: number,
    ) {
      if (!(buffer instanceof PlannedBuffer)) throw notRecordable('a write into a buffer of before')
      const isView = ArrayBuffer.isView(data)
      const unit = isView && 'BYTES_PER_ELEMENT' in data ? Number(data.BYTES_PER_ELEMENT) : 1
      const whole = isView
        ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
        : new Uint8Array(data)
      const from = dataOffset * unit
      const part = whole.subarray(from, size === undefined ? undefined : from + size * unit)
      new Uint8Array(buffer.getMappedRange()).set(part, offset)
    },
  }

  /** In place of tfjs's pool. Nothing is used twice: the plan sees to that afterwards, from first and last use. */
  readonly bufferManager = {
    numBytesUsed: 0,
    numBytesAllocated: 0,
    acquireBuffer: (size: number, usage: number, isMapped = false): PlannedBuffer =>
      new PlannedBuffer(size, usage, isMapped),
    releaseBuffer() {},
  }

  #encoder(): object {
    const { commands } = this
    return {
      beginComputePass: () => this.#pass(),
      copyBufferToBuffer(from: AnyBuffer, fromOffset: number, to: AnyBuffer, toOffset: number, size: number) {
        // An upload: the target holds a constant.
        if (isConstant(from) && to instanceof PlannedBuffer && size === to.size) {
          to.contents = from.contents
          return
        }
        commands.push({
          kind: 'copy',
          from: { buffer: from, offset: fromOffset, size },
          to: { buffer: to, offset: toOffset, size },
        })
      },
      clearBuffer(buffer: AnyBuffer, offset = 0, size = buffer.size - offset) {
        commands.push({ kind: 'clear', range: { buffer, offset, size } })
      },
      copyBufferToTexture() {
        throw notRecordable('a read-back through a texture')
      },
      resolveQuerySet() {
        throw notRecordable('a time measurement')
      },
      finish: () => null,
    }
  }

  #pass(): object {
    const { commands } = this
    let program: PipelineStandIn | null = null
    let bindings: readonly BufferRange[] = []
    return {
      setPipeline(given: PipelineStandIn | GPUComputePipeline) {
        program = given instanceof PipelineStandIn ? given : standInFor(given)
      },
      setBindGroup(_index: number, group: PlannedBindings) {
        bindings = group.bindings
      },
      dispatchWorkgroups(x: number, y = 1, z = 1) {
        const { pipeline, writes, flops } = program!
        if (bindings.slice(0, writes).some(({ buffer }) => isConstant(buffer)))
          throw notRecordable(`${pipeline.label}, which writes over what the host made`)
        commands.push({ kind: 'dispatch', pipeline, bindings, writes, grid: [x, y, z], flops })
      },
      end() {},
    }
  }
}

/** One for each pipeline, so that recordings can be compared. */
const compiled = new WeakMap<GPUComputePipeline, PlannedPipeline>()

/** For a program of tfjs that is compiled already; its output is bound first. */
function standInFor(pipeline: GPUComputePipeline): PipelineStandIn {
  const { label } = pipeline
  const planned = compiled.get(pipeline) ?? {
    label,
    compile: () => Promise.resolve(pipeline),
    compileNow: () => pipeline,
  }
  compiled.set(pipeline, planned)
  return new PipelineStandIn(planned, 1)
}

function isConstant(buffer: AnyBuffer): buffer is PlannedBuffer & { contents: ArrayBuffer } {
  return buffer instanceof PlannedBuffer && buffer.contents !== null
}

/** Named where it happens, not discovered in a curve. */
export function notRecordable(what: string): DeviceError {
  return new DeviceError(`Recording a step: everything must stay on the GPU, got ${what}`, {
    code: 'not-recordable',
    remedy: 'The step runs without a recording, more slowly and with the same numbers.',
  })
}
