import { elementCount } from '../../core/hostTensor.ts'
import { LabBackend } from '../backend/labBackend.ts'
import { backend as currentBackend } from '../backend/tfjs.ts'

/** Elements that a weight's place is a multiple of: 512 bytes, so that half-precision copies start at 256 too. */
export const blockSize = 128

export interface Place {
  readonly name: string
  readonly shape: readonly number[]
  readonly page: number
  /** In elements. */
  readonly offset: number
  readonly length: number
}

export interface Layout {
  readonly places: ReadonlyMap<string, Place>
  /** Elements of each page. */
  readonly pageLengths: readonly number[]
}

interface Shaped {
  readonly name: string
  readonly shape: readonly number[]
}

/**
 * Weights one after the other in pages of at most `mostElements`; a weight is never split.
 * @param pageOf puts each weight into a page of this number instead: for what goes beside another layout
 */
export function layOut(
  specs: readonly Shaped[],
  mostElements: number,
  pageOf: ((name: string) => number) | null = null,
): Layout {
  const places = new Map<string, Place>()
  const pageLengths: number[] = []
  for (const { name, shape } of specs) {
    const length = elementCount(shape)
    const taken = Math.ceil(length / blockSize) * blockSize
    const last = Math.max(0, pageLengths.length - 1)
    const isFull = (pageLengths[last] ?? 0) > 0 && pageLengths[last]! + taken > mostElements
    const page = pageOf?.(name) ?? (isFull ? last + 1 : last)
    while (pageLengths.length <= page) pageLengths.push(0)
    const offset = pageLengths[page]!
    places.set(name, { name, shape, page, offset, length })
    pageLengths[page]! += taken
  }
  return { places, pageLengths }
}

/** Most elements of a page: what the adapter lets a kernel bind at once. */
export function pageLimit(): number {
  const backend = currentBackend()
  if (!(backend instanceof LabBackend)) return Infinity
  const { maxStorageBufferBindingSize, maxBufferSize } = backend.device.limits
  return Math.floor(Math.min(maxStorageBufferBindingSize, maxBufferSize) / 4)
}
