import { DataError } from '../errors.ts'
import type { HostTensor, NamedTensors } from '../hostTensor.ts'
import { fileFormat } from './dtypes.ts'
import { lengthBytes, maxHeaderBytes, metadataKey } from './header.ts'
import { quoted } from './refuse.ts'

/**
 * Writes a safetensors file. Equal input gives equal bytes, whatever the order of the map: tensors stand by falling
 * element size and then by name, so that each is aligned; metadata by key; the header is padded with spaces to 8.
 *
 * @throws DataError `safetensors-write-…`: a name or text that is not well-formed Unicode or is reserved, data that do
 *   not fit shape and dtype, a file too large for one array
 */
export function writeSafetensors(
  tensors: NamedTensors,
  metadata: Record<string, string>,
): Uint8Array<ArrayBuffer> {
  const sorted = [...tensors].map(([name, tensor]) => checkTensor(name, tensor))
  sorted.sort((a, b) => b.itemBytes - a.itemBytes || compareText(a.name, b.name))
  let dataBytes = 0
  const parts = Object.keys(metadata).length === 0 ? [] : [metadataJson(metadata)]
  for (const { name, format, shape, bytes } of sorted) {
    const offsets = `[${dataBytes},${dataBytes + bytes.length}]`
    parts.push(`${JSON.stringify(name)}:{"dtype":"${format}","shape":[${shape}],"data_offsets":${offsets}}`)
    dataBytes += bytes.length
  }
  const json = new TextEncoder().encode(`{${parts.join(',')}}`)
  const headerBytes = Math.ceil(json.length / 8) * 8
  if (headerBytes > maxHeaderBytes) {
    fail('header-too-large', `header: at most ${maxHeaderBytes} bytes, got ${headerBytes}`)
  }
  const file = allocate(lengthBytes + headerBytes + dataBytes)
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true)
  file.set(json, lengthBytes)
  file.fill(0x20, lengthBytes + json.length, lengthBytes + headerBytes)
  let at = lengthBytes + headerBytes
  for (const { bytes } of sorted) {
    file.set(bytes, at)
    at += bytes.length
  }
  return file
}

function checkTensor(name: string, { dtype, shape, data }: HostTensor) {
  const where = `tensor ${quoted(name)}`
  if (name === metadataKey) fail('name', `${where}: the name is reserved by the format`)
  checkText(name, where)
  const { name: format, Array } = fileFormat(dtype)
  if (!(data instanceof Array)) fail('data', `${where}: ${dtype} is kept in a ${Array.name}`)
  if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0)) {
    fail('shape', `${where}: shape must be whole numbers from 0, got [${shape}]`)
  }
  const length = shape.reduce((product, size) => product * BigInt(size), 1n)
  if (length !== BigInt(data.length)) {
    fail('data', `${where}: shape [${shape}] needs ${length} elements, got ${data.length}`)
  }
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  return { name, format, shape, bytes, itemBytes: Array.BYTES_PER_ELEMENT }
}

function metadataJson(metadata: Record<string, string>): string {
  const pairs = Object.keys(metadata)
    .sort(compareText)
    .map((key) => {
      const value = metadata[key]
      const where = `metadata ${quoted(key)}`
      if (typeof value !== 'string')
        return fail('metadata', `${where}: must be a string, got ${typeof value}`)
      checkText(key, where)
      checkText(value, where)
      return `${JSON.stringify(key)}:${JSON.stringify(value)}`
    })
  return `${JSON.stringify(metadataKey)}:{${pairs.join(',')}}`
}

function checkText(text: string, where: string): void {
  if (/\p{Surrogate}/u.test(text)) fail('text', `${where}: must be well-formed Unicode, got a lone surrogate`)
}

/** By UTF-16 units: the same on every machine, whatever its language. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function allocate(sizeBytes: number): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(sizeBytes)
  } catch (cause) {
    throw new DataError(`safetensors: a file of ${sizeBytes} bytes does not fit into memory`, {
      code: 'safetensors-write-too-large',
      remedy: 'Close other tabs, or write fewer tensors.',
      details: { sizeBytes },
      cause,
    })
  }
}

function fail(code: string, message: string): never {
  throw new DataError(`safetensors: ${message}`, { code: `safetensors-write-${code}` })
}
