import { Gunzip } from 'fflate'
import { crc32 } from '../../core/crc32.ts'
import { DataError } from '../../core/errors.ts'
import {
  firstBytes,
  pathOf,
  randomAccess,
  readChunks,
  streamOf,
  type ImportSource,
} from '../reading/source.ts'
import { brokenArchive, defineContainer } from './defineContainer.ts'

/** Of deflate (RFC 1951): 258 bytes by two bits. */
const mostRatio = 1032
/** Pushed at once, so that what comes out stays small. */
const pushSizeBytes = 32768
const trailerSizeBytes = 8
/** A trailer is looked at once the header after it is complete, with the name in it. */
const keptSizeBytes = 1024

/**
 * One file, packed (RFC 1952). Several members one after another are one file, as `gzip` and `bgzip` write them. Unpacked by
 * the same code everywhere, since what browsers bring refuses all but one member.
 */
export default defineContainer({
  id: 'gzip',
  order: 0,
  title: 'gzip',
  matches: (head) => head[0] === 0x1f && head[1] === 0x8b,
  async open(file, { signal }) {
    const name = file.name.replace(/\.(gz|gzip)$/i, '').replace(/\.tgz$/i, '.tar')
    const path = pathOf(file).replace(/[^/]*$/, name)
    const inner: ImportSource = {
      name,
      ...(file.path === undefined ? {} : { path }),
      sizeBytes: await promisedSize(file, signal),
      stream: () => streamOf(gunzip(file, signal)),
    }
    await firstBytes(inner, signal) // a file that is no gzip after all is refused by its own name
    return [inner]
  },
})

/**
 * Of the last member, modulo 2^32: good for a bar of progress, no more. Throws `broken-archive` where so little cannot hold so
 * much: then the end is none.
 */
async function promisedSize(file: ImportSource, signal: AbortSignal | undefined): Promise<number> {
  if (!file.slice || file.sizeBytes < trailerSizeBytes) return file.sizeBytes
  const { slice } = await randomAccess(file, signal)
  const tail = await slice(file.sizeBytes - 4, file.sizeBytes)
  const promised = tail.length < 4 ? 0 : new DataView(tail.buffer, tail.byteOffset).getUint32(0, true)
  if (promised > mostRatio * file.sizeBytes) throw cutOff(file)
  return Math.max(file.sizeBytes, promised)
}

/** Throws `broken-archive` where what comes out is not what was packed: the length and the CRC-32 of each member. */
async function* gunzip(
  file: ImportSource,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, void> {
  let out: Uint8Array[] = []
  let crc = 0
  let sizeBytes = 0
  /** The last bytes that were pushed, with the end of what was pushed before them. */
  let recent = new Uint8Array(0)
  let pushedBytes = 0
  const gunzipper = new Gunzip((piece) => {
    crc = crc32(piece, crc)
    sizeBytes += piece.length
    out.push(piece)
  })
  const checkTrailer = (end: number) => {
    const at = recent.length - (pushedBytes - end) - trailerSizeBytes
    if (at < 0) throw cutOff(file)
    const view = new DataView(recent.buffer, at)
    if (view.getUint32(0, true) !== crc)
      throw brokenArchive(file.name, 'the gzip file', 'its CRC-32 is not that of what comes out')
    if (view.getUint32(4, true) !== sizeBytes % 2 ** 32) throw cutOff(file)
    crc = 0
    sizeBytes = 0
  }
  gunzipper.onmember = (offset) => checkTrailer(offset)
  const push = (piece: Uint8Array, isLast: boolean) => {
    const kept = recent.subarray(-keptSizeBytes)
    const next = new Uint8Array(kept.length + piece.length)
    next.set(kept)
    next.set(piece, kept.length)
    recent = next
    pushedBytes += piece.length
    try {
      gunzipper.push(piece, isLast)
    } catch (cause) {
      if (cause instanceof DataError) throw cause
      throw brokenArchive(file.name, 'the gzip file', cause instanceof Error ? cause.message : String(cause))
    }
  }
  for await (const chunk of readChunks(file, signal)) {
    for (let at = 0; at < chunk.length; at += pushSizeBytes) {
      push(chunk.slice(at, at + pushSizeBytes), false)
      yield* out
      out = []
    }
  }
  push(new Uint8Array(0), true)
  yield* out
  checkTrailer(pushedBytes)
}

function cutOff(file: ImportSource): DataError {
  return brokenArchive(file.name, 'the gzip file', 'it ends before what was packed does')
}
