import type { LabBackend } from '../backend/labBackend.ts'
import type { BufferRange } from '../backend/plannedBuffer.ts'
import type { Tensor1D } from '../backend/tfjs.ts'
import { engine } from '../backend/tfjs.ts'

export interface FeedShape {
  readonly dtype: 'int32' | 'float32'
  readonly length: number
}

/** Bindings start at multiples of this. */
const alignment = 256

/** What changes from step to step, in one buffer that one write fills. */
export class Feeds<Name extends string> {
  readonly #backend: LabBackend
  readonly #buffer: GPUBuffer
  /** Made for the first values: a plan has none, and may be of more than there is. */
  #host: ArrayBuffer | null = null
  readonly #ranges = new Map<Name, BufferRange>()
  readonly #tensors = new Map<Name, Tensor1D>()

  constructor(backend: LabBackend, shapes: Record<Name, FeedShape>) {
    this.#backend = backend
    const names = Object.keys(shapes) as Name[]
    let size = 0
    const offsets = names.map((name) => {
      const offset = size
      size += Math.ceil((shapes[name].length * 4) / alignment) * alignment
      return offset
    })
    this.#buffer = backend.makeBuffer({
      size: Math.max(size, alignment),
      usage:
        GPUBufferUsage.STORAGE | GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC,
      label: 'feeds',
    })
    names.forEach((name, i) => {
      const { dtype, length } = shapes[name]
      const range = { buffer: this.#buffer, offset: offsets[i]!, size: length * 4 }
      this.#ranges.set(name, range)
      const view = backend.viewOf(range, [length], dtype)
      const tensor = engine().makeTensorFromTensorInfo(view) as Tensor1D
      this.#tensors.set(name, engine().keep(tensor))
    })
  }

  get sizeBytes(): number {
    return this.#buffer.size
  }

  /** A tensor over the feed, whose values are those of the last {@link write}. */
  tensor(name: Name): Tensor1D {
    return this.#tensors.get(name)!
  }

  range(name: Name): BufferRange {
    return this.#ranges.get(name)!
  }

  /** Fills in values for the next {@link write}; what is not given stays. */
  set(name: Name, values: Int32Array | Float32Array): void {
    const { offset } = this.range(name)
    this.#host ??= new ArrayBuffer(this.#buffer.size)
    if (values instanceof Int32Array) new Int32Array(this.#host, offset, values.length).set(values)
    else new Float32Array(this.#host, offset, values.length).set(values)
  }

  /** One write into the queue, after everything that was dispatched before. */
  write(): void {
    this.#backend.fill(
      this.#buffer,
      0,
      () => new Uint8Array((this.#host ??= new ArrayBuffer(this.#buffer.size))),
    )
    for (const tensor of this.#tensors.values()) this.#backend.forgetHostCopy(tensor)
  }

  dispose(): void {
    for (const tensor of this.#tensors.values()) tensor.dispose()
    this.#backend.freeBuffer(this.#buffer)
  }
}
