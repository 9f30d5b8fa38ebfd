import { bitsOf } from './dtypes.ts'
import { quoted, refuse } from './refuse.ts'
import { JsonNumber, parseStrictJson, type JsonTree } from './strictJson.ts'

/** The limit of the official reader. */
export const maxHeaderBytes = 100_000_000
export const lengthBytes = 8
export const metadataKey = '__metadata__'

export interface HeaderEntry {
  name: string
  /** As in the file: `F32`, `BF16`, … Known to the format, but maybe not one that is read. */
  dtype: string
  shape: number[]
  /** Offsets within the data part, end exclusive. */
  begin: number
  end: number
}

export interface SafetensorsHeader {
  /** In the order of their data. */
  entries: HeaderEntry[]
  metadata: Record<string, string>
  /** Where the data part begins in the file. */
  dataStart: number
}

/**
 * Reads and checks the header of a safetensors file, strictly as the format's README has it: length, encoding, JSON,
 * names, dtypes, shapes, and offsets that cover the data part without hole or overlap. Allocates nothing of an
 * announced size.
 *
 * Source: https://github.com/huggingface/safetensors#format
 *
 * @param bytes the whole file
 * @throws DataError with one `safetensors-…` code a cause
 */
export function readSafetensorsHeader(bytes: Uint8Array): SafetensorsHeader {
  const headerBytes = readLength(bytes)
  const dataStart = lengthBytes + headerBytes
  const root = parseStrictJson(decodeHeader(bytes.subarray(lengthBytes, dataStart)))
  if (!(root instanceof Map)) return refuse('header-json', 'header: must be an object')
  const metadata = readMetadata(root.get(metadataKey))
  root.delete(metadataKey)
  const entries = [...root].map(([name, entry]) => readEntry(name, entry))
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end)
  checkCoverage(entries, bytes.length - dataStart)
  return { entries, metadata, dataStart }
}

function readLength(bytes: Uint8Array): number {
  if (bytes.length < lengthBytes) {
    refuse('too-short', `file: must hold at least 8 bytes, got ${bytes.length}`, { fileBytes: bytes.length })
  }
  const announced = new DataView(bytes.buffer, bytes.byteOffset, lengthBytes).getBigUint64(0, true)
  if (announced > BigInt(maxHeaderBytes)) {
    refuse('header-too-large', `header: at most ${maxHeaderBytes} bytes, got a length of ${announced}`, {
      announcedBytes: String(announced),
    })
  }
  const headerBytes = Number(announced)
  const presentBytes = bytes.length - lengthBytes
  if (headerBytes === 0) refuse('header-empty', 'header: must be an object, got a length of 0')
  if (headerBytes > presentBytes) {
    refuse(
      'header-truncated',
      `header: announced with ${headerBytes} bytes, but only ${presentBytes} follow`,
      {
        announcedBytes: headerBytes,
        presentBytes,
      },
    )
  }
  return headerBytes
}

function decodeHeader(bytes: Uint8Array): string {
  if (bytes[0] !== 0x7b) {
    refuse('header-start', `header: must begin with {, got byte 0x${bytes[0]!.toString(16).padStart(2, '0')}`)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return refuse('header-utf8', `header: must be UTF-8, got ${bytes.length} bytes that are not`)
  }
}

function readMetadata(tree: JsonTree | undefined): Record<string, string> {
  if (tree === undefined) return {}
  if (!(tree instanceof Map))
    return refuse('metadata', `${metadataKey}: must be a map of strings, got ${kindOf(tree)}`)
  const pairs = [...tree].map(([key, value]): [string, string] => {
    if (typeof value === 'string') return [key, value]
    return refuse(
      'metadata',
      `${metadataKey}: every value must be a string, got ${kindOf(value)} for ${quoted(key)}`,
      {
        key,
      },
    )
  })
  return Object.fromEntries(pairs)
}

function readEntry(name: string, tree: JsonTree): HeaderEntry {
  const where = `tensor ${quoted(name)}`
  if (!(tree instanceof Map))
    return refuse('entry', `${where}: must be an object, got ${kindOf(tree)}`, { name })
  for (const field of ['dtype', 'shape', 'data_offsets']) {
    if (!tree.has(field)) refuse('missing-field', `${where}: ${field} is missing`, { name, field })
  }
  const dtype = tree.get('dtype')!
  if (typeof dtype !== 'string' || bitsOf(dtype) === null) {
    const got = typeof dtype === 'string' ? quoted(dtype) : kindOf(dtype)
    return refuse('dtype-unknown', `${where}: dtype must be one of the format, got ${got}`, { name })
  }
  const shape = readIntegers(tree.get('shape')!)
  if (shape === null) {
    return refuse('shape', `${where}: shape must be a list of whole numbers from 0 to 2^53-1`, { name })
  }
  const offsets = readIntegers(tree.get('data_offsets')!)
  if (offsets === null || offsets.length !== 2) {
    return refuse('offsets', `${where}: data_offsets must be two whole numbers from 0 to 2^53-1`, { name })
  }
  const [begin, end] = offsets as [number, number]
  if (begin > end)
    refuse('offsets-reversed', `${where}: begins at ${begin} but ends at ${end}`, { name, begin, end })
  checkSize(where, dtype, shape, end - begin)
  return { name, dtype, shape, begin, end }
}

/** Multiplies in the order of the shape and within 64 bits, as the official reader does. */
function checkSize(where: string, dtype: string, shape: number[], gotBytes: number): void {
  let bits = BigInt(bitsOf(dtype)!)
  for (const size of shape) {
    bits *= BigInt(size)
    if (bits >= 2n ** 64n)
      refuse('shape-overflow', `${where}: shape [${shape.slice(0, 8)}] needs 2^64 bits or more`)
  }
  if (bits !== BigInt(gotBytes) * 8n) {
    const needed = bits % 8n === 0n ? `${bits / 8n} bytes` : `${bits} bits`
    refuse(
      'size-mismatch',
      `${where}: ${dtype} [${shape.slice(0, 8)}] needs ${needed}, data_offsets give ${gotBytes}`,
      {
        gotBytes,
      },
    )
  }
}

/** The data part must be covered from first to last byte, each byte once. */
function checkCoverage(entries: readonly HeaderEntry[], dataBytes: number): void {
  let covered = 0
  for (const { name, begin, end } of entries) {
    const where = `tensor ${quoted(name)}`
    if (begin > covered)
      refuse('hole', `${where}: begins at ${begin}, but data before it ends at ${covered}`, { name })
    if (begin < covered)
      refuse('overlap', `${where}: begins at ${begin}, within data that ends at ${covered}`, { name })
    covered = end
  }
  if (covered > dataBytes) {
    refuse('data-truncated', `data: ${covered} bytes are described, but only ${dataBytes} are there`, {
      describedBytes: covered,
      presentBytes: dataBytes,
    })
  }
  if (covered < dataBytes) {
    refuse('trailing-bytes', `data: ${covered} bytes are described, but ${dataBytes} are there`, {
      describedBytes: covered,
      presentBytes: dataBytes,
    })
  }
}

function readIntegers(tree: JsonTree): number[] | null {
  if (!Array.isArray(tree)) return null
  const numbers: number[] = []
  for (const item of tree) {
    if (!(item instanceof JsonNumber) || !/^(?:0|[1-9]\d*)$/.test(item.text)) return null
    const value = Number(item.text)
    if (!Number.isSafeInteger(value)) return null
    numbers.push(value)
  }
  return numbers
}

function kindOf(tree: JsonTree): string {
  if (tree === null) return 'null'
  if (tree instanceof Map) return 'an object'
  if (tree instanceof JsonNumber) return `the number ${tree.text.slice(0, 24)}`
  return Array.isArray(tree) ? 'a list' : `a ${typeof tree}`
}
