import { LabBackend } from '../backend/labBackend.ts'
import type { BufferRange } from '../backend/plannedBuffer.ts'
import {
  backend as currentBackend,
  engine,
  tensor,
  tidy,
  variable,
  zeros,
  type Variable,
} from '../backend/tfjs.ts'
import type { Layout } from './layout.ts'

/** A tensor for each weight of a layout. */
export interface TensorStore {
  readonly layout: Layout
  readonly variables: ReadonlyMap<string, Variable>
  /** Each page as a whole; none on the CPU. */
  readonly pages: readonly BufferRange[]
  readonly sizeBytes: number
  /** Takes over the numbers of one weight, in the order of its elements. */
  write(name: string, values: Float32Array): void
  /** Copies on the host, of one moment: one read a page. */
  read(): Promise<Map<string, Float32Array>>
  dispose(): void
}

/** All zeros, on the current backend. */
export function createTensorStore(layout: Layout, label: string): TensorStore {
  const backend = currentBackend()
  return backend instanceof LabBackend ? flatStore(backend, layout, label) : looseStore(layout)
}

function flatStore(backend: LabBackend, layout: Layout, label: string): TensorStore {
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST
  // Bindings may not be empty.
  const buffers = layout.pageLengths.map((length) =>
    backend.makeBuffer({ size: Math.max(4 * length, 512), usage, label }),
  )
  const rangeOf = (name: string): BufferRange => {
    const { page, offset, length } = layout.places.get(name)!
    return { buffer: buffers[page]!, offset: offset * 4, size: length * 4 }
  }
  const variables = new Map(
    [...layout.places.values()].map(({ name, shape }) => {
      const view = backend.viewOf(rangeOf(name), [...shape], 'float32')
      return [name, tidy(() => variable(engine().makeTensorFromTensorInfo(view)))]
    }),
  )
  const pages = buffers.map((buffer) => ({ buffer, offset: 0, size: buffer.size }))
  return {
    layout,
    variables,
    pages,
    sizeBytes: buffers.reduce((sum, { size }) => sum + size, 0),
    write(name, values) {
      const { offset, size } = rangeOf(name)
      // After what was dispatched before.
      backend.flush()
      const bytes = new Uint8Array(values.buffer as ArrayBuffer, values.byteOffset, size)
      backend.device.queue.writeBuffer(buffers[layout.places.get(name)!.page]!, offset, bytes)
      backend.forgetHostCopy(variables.get(name)!)
    },
    async read() {
      const data = await Promise.all(pages.map((page) => backend.readRange(page)))
      return new Map(
        [...layout.places.values()].map(({ name, page, offset, length }) => [
          name,
          new Float32Array(data[page]!, offset * 4, length).slice(),
        ]),
      )
    },
    dispose() {
      for (const each of variables.values()) each.dispose()
      backend.flush()
      for (const buffer of buffers) backend.freeBuffer(buffer)
    },
  }
}

function looseStore(layout: Layout): TensorStore {
  const variables = new Map(
    [...layout.places.values()].map(({ name, shape }) => [name, tidy(() => variable(zeros([...shape])))]),
  )
  return {
    layout,
    variables,
    pages: [],
    sizeBytes: [...layout.places.values()].reduce((sum, { length }) => sum + 4 * length, 0),
    write(name, values) {
      const own = variables.get(name)!
      tidy(() => own.assign(tensor(values, own.shape, 'float32')))
    },
    async read() {
      const named = [...variables]
      const data = await Promise.all(named.map(([, own]) => own.data<'float32'>()))
      return new Map(named.map(([name], i) => [name, data[i]!.slice()]))
    },
    dispose() {
      for (const each of variables.values()) each.dispose()
    },
  }
}
