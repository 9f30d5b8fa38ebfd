/** What an adapter says about the size of a buffer that kernels bind whole. */
interface SizeLimits {
  readonly maxBufferSize: number
  readonly maxStorageBufferBindingSize: number
}

export interface BufferLimit {
  readonly name: keyof SizeLimits
  readonly bytes: number
}

/** The tighter of the two. */
export function bufferLimit({ maxBufferSize, maxStorageBufferBindingSize }: SizeLimits): BufferLimit {
  return maxBufferSize < maxStorageBufferBindingSize
    ? { name: 'maxBufferSize', bytes: maxBufferSize }
    : { name: 'maxStorageBufferBindingSize', bytes: maxStorageBufferBindingSize }
}
