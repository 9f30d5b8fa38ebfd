import type { HostData, HostDtype } from '../hostTensor.ts'

type ArrayClass = {
  readonly BYTES_PER_ELEMENT: number
  readonly name: string
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): HostData
}

export interface HostFormat {
  dtype: HostDtype
  Array: ArrayClass
}

/**
 * Every dtype of the format (safetensors 0.8, `tensor.rs`) with its size in bits. Those without `host` are known but
 * not read: their sizes are checked all the same.
 */
const table: Record<string, { bits: number; host?: HostFormat }> = {
  BOOL: { bits: 8, host: { dtype: 'bool', Array: Uint8Array } },
  F4: { bits: 4 },
  F6_E2M3: { bits: 6 },
  F6_E3M2: { bits: 6 },
  U8: { bits: 8, host: { dtype: 'uint8', Array: Uint8Array } },
  I8: { bits: 8, host: { dtype: 'int8', Array: Int8Array } },
  F8_E5M2: { bits: 8 },
  F8_E4M3: { bits: 8 },
  F8_E8M0: { bits: 8 },
  F8_E4M3FNUZ: { bits: 8 },
  F8_E5M2FNUZ: { bits: 8 },
  I16: { bits: 16, host: { dtype: 'int16', Array: Int16Array } },
  U16: { bits: 16 },
  F16: { bits: 16, host: { dtype: 'float16', Array: Uint16Array } },
  BF16: { bits: 16, host: { dtype: 'bfloat16', Array: Uint16Array } },
  I32: { bits: 32, host: { dtype: 'int32', Array: Int32Array } },
  U32: { bits: 32 },
  F32: { bits: 32, host: { dtype: 'float32', Array: Float32Array } },
  C64: { bits: 64 },
  F64: { bits: 64, host: { dtype: 'float64', Array: Float64Array } },
  I64: { bits: 64, host: { dtype: 'int64', Array: BigInt64Array } },
  U64: { bits: 64 },
}

/** Bits of one element, or null for a dtype that the format does not have. */
export function bitsOf(dtype: string): number | null {
  return Object.hasOwn(table, dtype) ? table[dtype]!.bits : null
}

/** How the host keeps a dtype, or null for one that is not read. */
export function hostFormat(dtype: string): HostFormat | null {
  return (Object.hasOwn(table, dtype) && table[dtype]!.host) || null
}

/** The format's name of a host dtype, and the array class that its data must be. */
export function fileFormat(dtype: HostDtype): { name: string; Array: ArrayClass } {
  for (const [name, { host }] of Object.entries(table)) {
    if (host?.dtype === dtype) return { name, Array: host.Array }
  }
  throw new TypeError(`fileFormat: no dtype ${String(dtype)}`)
}

export const readableDtypes: readonly string[] = Object.keys(table).filter((name) => table[name]!.host)
