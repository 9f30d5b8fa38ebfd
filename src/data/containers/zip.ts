import { Inflate } from 'fflate'
import { crc32 } from '../../core/crc32.ts'
import { DataError } from '../../core/errors.ts'
import { shownName } from '../../core/shownName.ts'
import { unsafeFile } from '../reading/knownBinaries.ts'
import { pathOf, randomAccess, streamOf, type ImportSource } from '../reading/source.ts'
import { brokenArchive, defineContainer } from './defineContainer.ts'
import { checkContents } from './parts/checkContents.ts'
import { isLitter } from './parts/litter.ts'
import { windowed, type Read } from './parts/windowed.ts'
import { readZipDirectory, type ZipEntry } from './parts/zipDirectory.ts'

/** Inflated at once: deflate makes at most 1032 times as much of it. */
const pushSizeBytes = 32768
/** Zip files that are one document or program, and are refused as what they are. */
const documentParts = /^(\[Content_Types\]\.xml$|mimetype$|META-INF\/|AndroidManifest\.xml$)/
/** PyTorch files are zip files of a pickle and what it names. */
const pickleOfTorch = /(^|\/)(data|constants)\.pkl$/

/** Files packed together. Only the directory is read at once; each file is unpacked when it is asked for. */
export default defineContainer({
  id: 'zip',
  order: 1,
  title: 'zip',
  // The mark of the first file in it, or of the end where it holds none.
  matches: (head) =>
    head[0] === 0x50 && head[1] === 0x4b && [0x0403, 0x0605].includes(head[2]! + 256 * head[3]!),
  async open(file, { signal }) {
    const access = await randomAccess(file, signal)
    const entries = await readZipDirectory(file.name, access)
    if (entries.some(({ path }) => pickleOfTorch.test(path))) throw unsafeFile(file.name, 'a PyTorch file')
    if (entries.some(({ path }) => documentParts.test(path))) return null
    const stem = pathOf(file).replace(/\.zip$/i, '')
    const wanted = entries.filter(({ path }) => !path.endsWith('/') && !isLitter(`${file.name}/${path}`))
    checkEntries(file.name, wanted)
    const read = windowed(access.slice, access.sizeBytes)
    return wanted.map((entry): ImportSource => {
      const name = shownName(entry.path.split('/').at(-1)!)
      const pieces = () => inflated(file.name, entry, read)
      return {
        name,
        path: `${stem}/${entry.path}`,
        sizeBytes: entry.sizeBytes,
        stream: () => streamOf(pieces()),
      }
    })
  },
})

function checkEntries(name: string, entries: readonly ZipEntry[]): void {
  checkContents(name, entries)
  const odd = entries.find(({ method, isEncrypted }) => isEncrypted || (method !== 0 && method !== 8))
  if (!odd) return
  const why = odd.isEncrypted ? 'is encrypted' : `is packed by method ${odd.method}, which is not read`
  throw new DataError(`${name}: ${shownName(odd.path)} in it ${why}; nothing was stored`, {
    code: 'unreadable-archive',
    remedy: 'Unpack it yourself and drop the folder, or pack it anew without a password, by deflate.',
    details: { file: name },
  })
}

async function* inflated(name: string, entry: ZipEntry, read: Read): AsyncGenerator<Uint8Array, void, void> {
  const fail = (why: string) => brokenArchive(name, `${shownName(entry.path)} in it`, why)
  const header = await read(entry.offset, entry.offset + 30)
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength)
  if (header.length < 30 || view.getUint32(0, true) !== 0x04034b50) throw fail('its header is missing')
  const begin = entry.offset + 30 + view.getUint16(26, true) + view.getUint16(28, true)
  let out: Uint8Array[] = []
  let crc = 0
  let sizeBytes = 0
  const take = (piece: Uint8Array) => {
    crc = crc32(piece, crc)
    sizeBytes += piece.length
    if (sizeBytes > entry.sizeBytes) throw fail('it holds more than it says')
    if (piece.length > 0) out.push(piece)
  }
  const inflate = entry.method === 8 ? new Inflate(take) : null
  for (let at = 0; at < entry.packedBytes; at += pushSizeBytes) {
    const packed = await read(begin + at, begin + Math.min(at + pushSizeBytes, entry.packedBytes))
    try {
      if (inflate) inflate.push(packed.slice(), at + pushSizeBytes >= entry.packedBytes)
      else take(packed.slice())
    } catch (cause) {
      throw cause instanceof DataError ? cause : fail(cause instanceof Error ? cause.message : String(cause))
    }
    yield* out
    out = []
  }
  if (sizeBytes < entry.sizeBytes) throw fail('it ends too early')
  if (crc !== entry.crc32) throw fail('its CRC-32 is not that of what comes out')
}
