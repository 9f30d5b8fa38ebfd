import type { LabBackend } from '../backend/labBackend.ts'
import type { TimedPart } from './deviceFunction.ts'
import type { ProgramPart } from './program.ts'

/** WebGPU allows that many queries in a set: two for each dispatch. */
const mostQueries = 4096

/** Measures each dispatch of one submission on the device's own clock. Browsers round it, often to 0.1 ms. */
export class DispatchTimer {
  readonly #backend: LabBackend
  readonly #parts: readonly ProgramPart[]
  readonly #sets: readonly GPUQuerySet[]
  readonly #resolved: GPUBuffer
  readonly #staging: GPUBuffer

  constructor(backend: LabBackend, parts: readonly ProgramPart[]) {
    this.#backend = backend
    this.#parts = parts
    const queries = 2 * parts.length
    this.#sets = Array.from({ length: Math.ceil(queries / mostQueries) }, (_, i) =>
      backend.device.createQuerySet({
        type: 'timestamp',
        count: Math.min(mostQueries, queries - i * mostQueries),
      }),
    )
    const size = 8 * queries
    const { QUERY_RESOLVE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage
    this.#resolved = backend.makeBuffer({ size, usage: QUERY_RESOLVE | COPY_SRC })
    this.#staging = backend.makeBuffer({ size, usage: COPY_DST | MAP_READ })
  }

  writesOf(index: number): GPUComputePassTimestampWrites {
    const query = 2 * index
    const at = query % mostQueries
    return {
      querySet: this.#sets[Math.floor(query / mostQueries)]!,
      beginningOfPassWriteIndex: at,
      endOfPassWriteIndex: at + 1,
    }
  }

  /** After the last dispatch, in the same encoder. */
  finish(encoder: GPUCommandEncoder): void {
    this.#sets.forEach((set, i) =>
      encoder.resolveQuerySet(set, 0, set.count, this.#resolved, i * mostQueries * 8),
    )
    encoder.copyBufferToBuffer(this.#resolved, 0, this.#staging, 0, this.#staging.size)
  }

  /** Once, after the submission. */
  async read(): Promise<TimedPart[]> {
    try {
      await this.#staging.mapAsync(GPUMapMode.READ)
      const nanoseconds = new BigUint64Array(this.#staging.getMappedRange())
      const first = nanoseconds[0] ?? 0n
      const ms = (index: number): number => Number(nanoseconds[index]! - first) / 1e6
      return this.#parts.map((part, i) => ({
        ...part,
        startMs: ms(2 * i),
        durationMs: Math.max(0, ms(2 * i + 1) - ms(2 * i)),
      }))
    } finally {
      for (const set of this.#sets) set.destroy()
      this.#backend.freeBuffer(this.#resolved)
      this.#backend.freeBuffer(this.#staging)
    }
  }
}
