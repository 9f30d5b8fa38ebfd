import { canonicalJson } from './canonicalJson.ts'
import { StorageError } from './errors.ts'

export type StepArray = Uint8Array | Uint16Array | Int32Array | Float32Array

/** What a step makes, as it is stored: plain JSON and named arrays of numbers. */
export interface StepValue {
  readonly json: unknown
  readonly arrays: Readonly<Record<string, StepArray>>
}

/** [name, type, elements] of each array, in the order of their bytes. */
type Layout = [name: string, type: ArrayType, length: number][]

const types = { u8: Uint8Array, u16: Uint16Array, i32: Int32Array, f32: Float32Array } as const
type ArrayType = keyof typeof types

/** `BSV1` and the length of the JSON. */
const prefixBytes = 8
const magic = 0x31565342
/** Where an array may begin, so that it can be used where it lies. */
const alignment = 8

/**
 * Equal values give equal bytes: `BSV1`, the length of the header as a little-endian 32-bit number, the header as canonical JSON, then each array at
 * the next multiple of 8 bytes, by name. Numbers are little-endian, as on all machines that browsers run on.
 */
export function encodeStepValue({ json, arrays }: StepValue): Uint8Array<ArrayBuffer> {
  const names = Object.keys(arrays).sort()
  const layout: Layout = names.map((name) => [name, typeOf(arrays[name]!), arrays[name]!.length])
  const header = new TextEncoder().encode(canonicalJson({ arrays: layout, json }))
  const sizes = names.map((name) => aligned(arrays[name]!.byteLength))
  const start = aligned(prefixBytes + header.length)
  const bytes = new Uint8Array(sizes.reduce((sum, size) => sum + size, start))
  const prefix = new DataView(bytes.buffer)
  prefix.setUint32(0, magic, true)
  prefix.setUint32(4, header.length, true)
  bytes.set(header, prefixBytes)
  let at = start
  for (const [i, name] of names.entries()) {
    const { buffer, byteOffset, byteLength } = arrays[name]!
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), at)
    at += sizes[i]!
  }
  return bytes
}

/** The value; its arrays are views of `bytes`. Throws StorageError `step-value` for bytes that are none. */
export function decodeStepValue(given: Uint8Array): StepValue {
  const bytes = given.byteOffset % alignment === 0 ? given : given.slice()
  const { buffer, byteOffset, length } = bytes
  if (length < prefixBytes) throw broken(`must have at least ${prefixBytes} bytes, got ${length}`)
  const prefix = new DataView(buffer, byteOffset, prefixBytes)
  const headerBytes = prefix.getUint32(4, true)
  if (prefix.getUint32(0, true) !== magic || prefixBytes + headerBytes > length)
    throw broken('its beginning is not that of a value')
  const { arrays: layout, json } = headerOf(bytes.subarray(prefixBytes, prefixBytes + headerBytes))
  const arrays: [string, StepArray][] = []
  let at = aligned(prefixBytes + headerBytes)
  for (const [name, type, elements] of layout) {
    const Type = types[type]
    const size = elements * Type.BYTES_PER_ELEMENT
    if (at + size > length) throw broken(`${name} ends behind its ${length} bytes`)
    arrays.push([name, new Type(buffer as ArrayBuffer, byteOffset + at, elements)])
    at += aligned(size)
  }
  if (at !== length) throw broken(`must have ${at} bytes, got ${length}`)
  return { json, arrays: Object.fromEntries(arrays) }
}

function headerOf(bytes: Uint8Array): { arrays: Layout; json: unknown } {
  let header: unknown
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw broken('its header is not JSON')
  }
  const { arrays, json } = (header ?? {}) as { arrays?: unknown; json?: unknown }
  const isLayout =
    Array.isArray(arrays) &&
    arrays.every(
      (entry: unknown) =>
        Array.isArray(entry) &&
        typeof entry[0] === 'string' &&
        Object.hasOwn(types, String(entry[1])) &&
        Number.isSafeInteger(entry[2]) &&
        Number(entry[2]) >= 0,
    )
  if (!isLayout) throw broken('its header names no arrays')
  return { arrays: arrays as Layout, json }
}

function typeOf(array: StepArray): ArrayType {
  const found = (Object.keys(types) as ArrayType[]).find((type) => array instanceof types[type])
  if (found === undefined) throw new TypeError('encodeStepValue: an array of a type that is not stored')
  return found
}

function aligned(size: number): number {
  return Math.ceil(size / alignment) * alignment
}

function broken(rule: string): StorageError {
  return new StorageError(`Step: a stored value is damaged: ${rule}`, {
    code: 'step-value',
    remedy: 'It is made anew.',
  })
}
