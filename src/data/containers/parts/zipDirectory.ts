import { brokenArchive } from '../defineContainer.ts'

/** One file in a zip archive, as the central directory has it. */
export interface ZipEntry {
  readonly path: string
  /** 0 stored, 8 deflated; others are not read. */
  readonly method: number
  readonly isEncrypted: boolean
  readonly crc32: number
  readonly packedBytes: number
  readonly sizeBytes: number
  /** Where its local header begins. */
  readonly offset: number
}

interface Bytes {
  readonly sizeBytes: number
  slice(begin: number, end: number): Promise<Uint8Array>
}

/** The end record is 22 bytes, and a comment of at most 65,535 may follow it. */
const mostEndBytes = 22 + 65_535
/** A directory longer than this is a mistake, or an attack. */
const mostDirectoryBytes = 64_000_000
const zip64Marker = 0xffffffff

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/**
 * The central directory of a zip archive (PKWARE APPNOTE 6.3, sections 4.3.7 to 4.3.16), zip64 included. Throws
 * `broken-archive` where it is not whole, or points outside of the file.
 */
export async function readZipDirectory(name: string, file: Bytes): Promise<ZipEntry[]> {
  const fail = (why: string) => brokenArchive(name, 'the zip archive', why)
  const tail = await file.slice(Math.max(0, file.sizeBytes - mostEndBytes), file.sizeBytes)
  const end = lastSignature(tail, 0x06054b50, 22)
  if (end < 0) throw fail('its directory is missing: it was cut off')
  const view = viewOf(tail)
  let sizeBytes = view.getUint32(end + 12, true)
  let begin = view.getUint32(end + 16, true)
  let count = view.getUint16(end + 10, true)
  if (sizeBytes === zip64Marker || begin === zip64Marker || count === 0xffff) {
    const locator = end - 20
    if (locator < 0 || view.getUint32(locator, true) !== 0x07064b50) {
      if (sizeBytes === zip64Marker || begin === zip64Marker) throw fail('its zip64 directory is missing')
    } else {
      const at = Number(view.getBigUint64(locator + 8, true))
      if (at + 56 > file.sizeBytes) throw fail('its zip64 directory lies outside of the file')
      const record = viewOf(await file.slice(at, at + 56))
      if (record.getUint32(0, true) !== 0x06064b50) throw fail('its zip64 directory is missing')
      count = Number(record.getBigUint64(32, true))
      sizeBytes = Number(record.getBigUint64(40, true))
      begin = Number(record.getBigUint64(48, true))
    }
  }
  if (sizeBytes > mostDirectoryBytes) throw fail(`its directory claims ${sizeBytes} bytes`)
  if (begin + sizeBytes > file.sizeBytes) throw fail('its directory lies outside of the file')
  const directory = await file.slice(begin, begin + sizeBytes)
  const entries = [...entriesOf(directory, file.sizeBytes, fail)]
  if (entries.length !== count) throw fail(`its directory holds ${entries.length} of ${count} entries`)
  return entries
}

function* entriesOf(
  directory: Uint8Array,
  fileBytes: number,
  fail: (why: string) => Error,
): Generator<ZipEntry, void, void> {
  const view = viewOf(directory)
  for (let at = 0; at < directory.length;) {
    if (at + 46 > directory.length || view.getUint32(at, true) !== 0x02014b50)
      throw fail('its directory is not readable')
    const flags = view.getUint16(at + 8, true)
    const nameEnd = at + 46 + view.getUint16(at + 28, true)
    const extraEnd = nameEnd + view.getUint16(at + 30, true)
    const end = extraEnd + view.getUint16(at + 32, true)
    if (end > directory.length) throw fail('its directory is not readable')
    const [sizeBytes, packedBytes, offset] = zip64Fields(view, nameEnd, extraEnd, [
      view.getUint32(at + 24, true),
      view.getUint32(at + 20, true),
      view.getUint32(at + 42, true),
    ])
    if (offset + 30 + packedBytes > fileBytes) throw fail('an entry lies outside of the file')
    yield {
      path: decodeName(directory.subarray(at + 46, nameEnd), (flags & 0x800) !== 0),
      method: view.getUint16(at + 10, true),
      isEncrypted: (flags & 1) !== 0,
      crc32: view.getUint32(at + 16, true),
      packedBytes,
      sizeBytes,
      offset,
    }
    at = end
  }
}

/** Those of the three that do not fit stand in the extra field 1, in this order (APPNOTE 4.5.3). */
function zip64Fields(
  view: DataView,
  begin: number,
  end: number,
  fields: [number, number, number],
): [number, number, number] {
  if (!fields.includes(zip64Marker)) return fields
  for (let at = begin; at + 4 <= end; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== 1) continue
    let from = at + 4
    const wide = fields.map((field) => {
      if (field !== zip64Marker || from + 8 > end) return field
      from += 8
      return Number(view.getBigUint64(from - 8, true))
    })
    return wide as [number, number, number]
  }
  return fields
}

/** Many programs write UTF-8 without saying so; what is not, is code page 437, of which the letters are Latin anyway. */
function decodeName(bytes: Uint8Array, isUtf8: boolean): string {
  try {
    return new TextDecoder('utf-8', { fatal: !isUtf8 }).decode(bytes)
  } catch {
    return new TextDecoder('windows-1252').decode(bytes)
  }
}

function lastSignature(bytes: Uint8Array, signature: number, sizeBytes: number): number {
  const view = viewOf(bytes)
  for (let at = bytes.length - sizeBytes; at >= 0; at--) if (view.getUint32(at, true) === signature) return at
  return -1
}
