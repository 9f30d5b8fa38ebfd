import type { LabBackend } from '../backend/labBackend.ts'

/**
 * Places for what lives only within a step. Programs of one session run one after the other, so they share them: the
 * sum is that of the largest program, not of all.
 */
export class Workspace {
  readonly #backend: LabBackend
  /** Largest first. */
  #buffers: GPUBuffer[] = []

  constructor(backend: LabBackend) {
    this.#backend = backend
  }

  get sizeBytes(): number {
    return this.#buffers.reduce((sum, { size }) => sum + size, 0)
  }

  /**
   * A buffer for each of these sizes, which are sorted, largest first: the smallest that is there and large enough, so
   * that a program after a larger one takes nothing new.
   */
  take(sizes: readonly number[]): GPUBuffer[] {
    const free = [...this.#buffers]
    const taken = sizes.map((size) => {
      const at = free.findLastIndex((buffer) => buffer.size >= size)
      if (at >= 0) return free.splice(at, 1)[0]!
      const buffer = this.#backend.makeBuffer({
        size,
        usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
        label: 'workspace',
      })
      this.#buffers.push(buffer)
      return buffer
    })
    this.#buffers.sort((a, b) => b.size - a.size)
    return taken
  }

  /** No program that took from it may run afterwards. */
  dispose(): void {
    for (const buffer of this.#buffers) this.#backend.freeBuffer(buffer)
    this.#buffers = []
  }
}
