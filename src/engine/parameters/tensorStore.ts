import { LabBackend } from '../backend/labBackend.ts'
import type { BufferRange } from '../backend/plannedBuffer.ts'
import {
  backend as currentBackend,
  engine,
  tensor,
  tidy,
  variable,
  zeros,
  type Tensor,
  type Variable,
} from '../backend/tfjs.ts'
import { pageBytes, type Layout } from './layout.ts'

/** What a store's numbers are. */
interface StoreKind<A extends Float32Array | Int32Array> {
  readonly dtype: 'float32' | 'int32'
  view(buffer: ArrayBuffer, offsetBytes: number, length: number): A
  read(tensor: Tensor): Promise<A>
}

const floats: StoreKind<Float32Array> = {
  dtype: 'float32',
  view: (buffer, offset, length) => new Float32Array(buffer, offset, length),
  read: (tensor) => tensor.data<'float32'>(),
}

const integers: StoreKind<Int32Array> = {
  dtype: 'int32',
  view: (buffer, offset, length) => new Int32Array(buffer, offset, length),
  read: (tensor) => tensor.data<'int32'>(),
}

/** A tensor for each weight of a layout. */
export interface TensorStore<A extends Float32Array | Int32Array = Float32Array> {
  readonly layout: Layout
  readonly variables: ReadonlyMap<string, Variable>
  /** Each page as a whole; none on the CPU. */
  readonly pages: readonly BufferRange[]
  readonly sizeBytes: number
  /** Takes over the numbers of one weight, in the order of its elements. */
  write(name: string, values: A): void
  /** The same of values that need not be made where nothing is stored: while memory is planned. */
  fill(name: string, make: () => A): void
  /** Copies on the host, of one moment: one read a page. */
  read(): Promise<Map<string, A>>
  dispose(): void
}

/** All zeros, on the current backend. */
export function createTensorStore(layout: Layout, label: string): TensorStore {
  return createStore(layout, label, floats)
}

/** The same for whole numbers. */
export function createIntegerStore(layout: Layout, label: string): TensorStore<Int32Array> {
  return createStore(layout, label, integers)
}

function createStore<A extends Float32Array | Int32Array>(
  layout: Layout,
  label: string,
  kind: StoreKind<A>,
): TensorStore<A> {
  const backend = currentBackend()
  return backend instanceof LabBackend
    ? flatStore(backend, { layout, label, kind })
    : looseStore(layout, kind)
}

function flatStore<A extends Float32Array | Int32Array>(
  backend: LabBackend,
  { layout, label, kind }: { layout: Layout; label: string; kind: StoreKind<A> },
): TensorStore<A> {
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST
  const buffers = pageBytes(layout).map((size) => backend.makeBuffer({ size, usage, label }))
  const rangeOf = (name: string): BufferRange => {
    const { page, offset, length } = layout.places.get(name)!
    return { buffer: buffers[page]!, offset: offset * 4, size: length * 4 }
  }
  const variables = new Map(
    [...layout.places.values()].map(({ name, shape }) => {
      const view = backend.viewOf(rangeOf(name), [...shape], kind.dtype)
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
      this.fill(name, () => values)
    },
    fill(name, make) {
      const { offset, size } = rangeOf(name)
      backend.fill(buffers[layout.places.get(name)!.page]!, offset, () => {
        const { buffer, byteOffset } = make()
        return new Uint8Array(buffer as ArrayBuffer, byteOffset, size)
      })
      backend.forgetHostCopy(variables.get(name)!)
    },
    async read() {
      const data = await Promise.all(pages.map((page) => backend.readRange(page)))
      return new Map(
        [...layout.places.values()].map(({ name, page, offset, length }) => [
          name,
          kind.view(data[page]!, offset * 4, length).slice() as A,
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

function looseStore<A extends Float32Array | Int32Array>(layout: Layout, kind: StoreKind<A>): TensorStore<A> {
  const variables = new Map(
    [...layout.places.values()].map(({ name, shape }) => [
      name,
      tidy(() => variable(zeros([...shape], kind.dtype))),
    ]),
  )
  return {
    layout,
    variables,
    pages: [],
    sizeBytes: [...layout.places.values()].reduce((sum, { length }) => sum + 4 * length, 0),
    write(name, values) {
      const own = variables.get(name)!
      tidy(() => own.assign(tensor(values, own.shape, kind.dtype)))
    },
    fill(name, make) {
      this.write(name, make())
    },
    async read() {
      const named = [...variables]
      const data = await Promise.all(named.map(([, own]) => kind.read(own)))
      return new Map(named.map(([name], i) => [name, data[i]!.slice() as A]))
    },
    dispose() {
      for (const each of variables.values()) each.dispose()
    },
  }
}
