/** Dtypes that Bunsen keeps on the host. `float16`/`bfloat16` are stored as raw 16-bit words. */
export type HostDtype =
  'float32' | 'float64' | 'float16' | 'bfloat16' | 'int64' | 'int32' | 'int16' | 'int8' | 'uint8' | 'bool'

export type HostData =
  Float32Array | Float64Array | BigInt64Array | Int32Array | Int16Array | Int8Array | Uint8Array | Uint16Array

/** A tensor outside the GPU: row-major data and its shape. */
export interface HostTensor {
  dtype: HostDtype
  shape: readonly number[]
  data: HostData
}

export type NamedTensors = Map<string, HostTensor>

/** Number of elements of a shape; 1 for a scalar. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1)
}

export function float32Tensor(shape: readonly number[], data: Float32Array): HostTensor {
  return { dtype: 'float32', shape, data }
}
