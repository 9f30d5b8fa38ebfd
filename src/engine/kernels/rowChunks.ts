import type { LabBackend } from '../backend/labBackend.ts'
import type { BufferRange } from '../backend/plannedBuffer.ts'
import type { Tensor, Tensor1D } from '../backend/tfjs.ts'
import { engine } from '../backend/tfjs.ts'

/** Most bytes of a matrix that is made in parts and never kept whole. */
export const scratchBytes = 32 * 2 ** 20
/** Any tensor's part may be bound that begins after a multiple of so many rows: offsets are multiples of 256 bytes. */
const rowStep = 64
/** About so many matrices of a block of rows exist at a time of what is composed of tfjs's operations. */
const matricesOfBlock = 32

let mostBytes = scratchBytes

/** Tests choose small parts. */
export function withScratchBytes<T>(bytes: number, run: () => T): T {
  mostBytes = bytes
  try {
    return run()
  } finally {
    mostBytes = scratchBytes
  }
}

/** A range of rows. */
export interface RowChunk {
  first: number
  count: number
}

/** Splits rows so that a float32 matrix [rows of a chunk, width] stays small: multiples of 64 rows, and the rest. */
export function rowChunks(rows: number, width: number): RowChunk[] {
  const fitting = Math.floor(mostBytes / (4 * width * rowStep)) * rowStep
  return chunksOf(rows, Math.max(rowStep, fitting))
}

/** Splits rows evenly, for what makes many matrices [rows of a block, width] and lets go of all of them after it. */
export function rowBlocks(rows: number, width: number): RowChunk[] {
  const most = Math.max(1, Math.floor(mostBytes / (4 * width * matricesOfBlock)))
  return chunksOf(rows, Math.ceil(rows / Math.ceil(rows / most)))
}

/** Of a matrix with so many rows. */
export function allRows(count: number): RowChunk {
  return { first: 0, count }
}

function chunksOf(rows: number, size: number): RowChunk[] {
  const chunks: RowChunk[] = []
  for (let first = 0; first < rows; first += size) chunks.push({ first, count: Math.min(size, rows - first) })
  return chunks
}

/** Where rows of a tensor lie. */
export function rangeOfRows(backend: LabBackend, tensor: Tensor, { first, count }: RowChunk): BufferRange {
  backend.refuseHalf('rows of a tensor', [tensor])
  const rowBytes = (4 * tensor.size) / tensor.shape[0]!
  const { buffer, offset } = backend.rangeOf(tensor)
  return { buffer, offset: offset + first * rowBytes, size: count * rowBytes }
}

/** Rows of a tensor as a tensor over the same memory, to be disposed before it. */
export function rowsOf<T extends Tensor>(backend: LabBackend, tensor: T, chunk: RowChunk): T {
  const range = rangeOfRows(backend, tensor, chunk)
  const shape = [chunk.count, ...tensor.shape.slice(1)]
  const dtype = tensor.dtype === 'int32' ? 'int32' : 'float32'
  return engine().makeTensorFromTensorInfo(backend.viewOf(range, shape, dtype)) as unknown as T
}

/** A part of a buffer as one line of float32 numbers; the buffer stays its owner's. */
export function tensorOver(backend: LabBackend, range: BufferRange): Tensor1D {
  const view = backend.viewOf(range, [range.size / 4], 'float32')
  return engine().makeTensorFromTensorInfo(view) as Tensor1D
}
