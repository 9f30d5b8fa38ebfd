/** Stands for a GPUBuffer that lasts from step to step, on a device that only plans: it has a size and no memory. */
export class UnmadeBuffer {
  readonly size: number

  constructor(size: number) {
    this.size = size
  }

  /** For what is written at once, and forgotten. */
  getMappedRange(): ArrayBuffer {
    return new ArrayBuffer(this.size)
  }

  unmap(): void {}

  /** Nothing to free. */
  destroy(): void {}
}
