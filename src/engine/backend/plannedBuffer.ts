/**
 * Stands for a GPUBuffer while a step is recorded: it has a size and no memory. What the host writes into it is a
 * constant of the recording; everything else gets its place from the plan (`engine/graph`).
 */
export class PlannedBuffer {
  readonly size: number
  readonly usage: number
  /** Of the tensor that it was first taken for; null until there is one. */
  shape: readonly number[] | null = null
  /** What the host wrote, or null. */
  contents: ArrayBuffer | null
  mapState: 'mapped' | 'unmapped'

  constructor(size: number, usage: number, isMapped: boolean) {
    this.size = size
    this.usage = usage
    this.contents = isMapped ? new ArrayBuffer(size) : null
    this.mapState = isMapped ? 'mapped' : 'unmapped'
  }

  getMappedRange(): ArrayBuffer {
    this.contents ??= new ArrayBuffer(this.size)
    return this.contents
  }

  unmap(): void {
    this.mapState = 'unmapped'
  }

  /** Nothing to free. */
  destroy(): void {}
}

/** Part of a buffer, as bindings take it. */
export interface BufferRange {
  readonly buffer: GPUBuffer | PlannedBuffer
  readonly offset: number
  readonly size: number
}

export function isBufferRange(source: object): source is BufferRange {
  return 'buffer' in source && 'offset' in source && 'size' in source
}
