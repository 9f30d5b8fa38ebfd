import { DataError } from '../../core/errors.ts'
import { throwIfCancelled } from '../cancel.ts'
import type { Held } from './held.ts'
import { maxSetSizeBytes, tooLarge } from './sizeLimit.ts'

/** Something dropped: a `File`, or a file on disk in Node. `stream` may be called more than once. */
export interface ImportSource {
  readonly name: string
  /** Folders and name as they lay on the disk or in an archive, parted by `/`. Left out for a file by itself. */
  readonly path?: string
  /** What is known before it is read; of something packed, what the archive says. */
  readonly sizeBytes: number
  stream(): ReadableStream<Uint8Array>
  /** Bytes `begin` to `end` (exclusive, within the size) without reading the rest; left out where that cannot be. */
  slice?(begin: number, end: number): Promise<Uint8Array>
  /** What it is, where that is known from what it was taken out of. */
  readonly held?: Held
}

export function blobSource(blob: Blob, name: string, path?: string): ImportSource {
  const stream = () => blob.stream() as ReadableStream<Uint8Array>
  const slice = async (begin: number, end: number) =>
    new Uint8Array(await blob.slice(begin, end).arrayBuffer())
  return { name, sizeBytes: blob.size, stream, slice, ...(path === undefined ? {} : { path }) }
}

export function pathOf({ path, name }: ImportSource): string {
  return path ?? name
}

/** Most that one piece of a source takes. */
const readSizeBytes = 256 * 1024

/**
 * The bytes of a source, piece by piece; **a piece is good until the next one is asked for**, since its memory is used again.
 * (Chromium makes a new array for each piece else, faster than it collects them: 1.6 GB took 290 MB and twice as long, and
 * take 46 MB so.) Ends with `cancelled` when the signal is aborted, with `unreadable-file` when the stream fails; the stream is
 * let go of however the reading ends.
 */
export async function* readChunks(
  source: ImportSource,
  signal: AbortSignal | undefined,
  onBytes?: (sizeBytes: number) => void,
): AsyncGenerator<Uint8Array, void, void> {
  throwIfCancelled(signal)
  const reader = await guard(source, signal, () => pieceReader(source.stream()))
  try {
    for (;;) {
      const { done, value } = await guard(source, signal, () => reader.read())
      throwIfCancelled(signal)
      if (done) return
      onBytes?.(value.length)
      yield value
    }
  } finally {
    await reader.cancel().catch(() => undefined) // a stream that failed also fails to be cancelled
  }
}

interface PieceReader {
  read(): Promise<ReadableStreamReadResult<Uint8Array>>
  cancel(): Promise<void>
}

/** Reads into memory of its own where the stream can be read so: files can, but not what Safari or an archive gives. */
function pieceReader(stream: ReadableStream<Uint8Array>): PieceReader {
  let reader: ReadableStreamBYOBReader
  try {
    reader = stream.getReader({ mode: 'byob' })
  } catch {
    return stream.getReader()
  }
  let memory = new ArrayBuffer(readSizeBytes)
  return {
    async read() {
      const { done, value } = await reader.read(new Uint8Array(memory))
      if (done || value === undefined) return { done: true, value: undefined }
      memory = value.buffer
      return { done, value }
    },
    cancel: () => reader.cancel(),
  }
}

/** All bytes of a source. Throws as `readChunks` does, and `too-large` for more than a set may hold. */
export async function readWhole(
  source: ImportSource,
  signal: AbortSignal | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  let sizeBytes = 0
  for await (const chunk of readChunks(source, signal)) {
    chunks.push(chunk.slice())
    sizeBytes += chunk.length
    if (sizeBytes > maxSetSizeBytes) throw tooLarge(sizeBytes)
  }
  const whole = new Uint8Array(sizeBytes)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}

const heads = new WeakMap<ImportSource, Uint8Array>()
/** Enough for every mark that tells formats apart, that of tar included. */
const markSizeBytes = 512

/** The first bytes of a source, at most 512; read once. Throws as `readChunks` does. */
export async function firstBytes(source: ImportSource, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const known = heads.get(source)
  if (known) return known
  const parts: number[] = []
  for await (const chunk of readChunks(source, signal)) {
    parts.push(...chunk.subarray(0, markSizeBytes - parts.length))
    if (parts.length >= markSizeBytes) break
  }
  const head = Uint8Array.from(parts)
  heads.set(source, head)
  return head
}

/**
 * Any part of a source, and its true size. One that can only be read from its beginning is held whole, up to what a set may
 * hold. Throws as `readChunks` and `readWhole` do.
 */
export async function randomAccess(
  source: ImportSource,
  signal: AbortSignal | undefined,
): Promise<{ sizeBytes: number; slice(begin: number, end: number): Promise<Uint8Array> }> {
  throwIfCancelled(signal)
  const { slice } = source
  if (!slice) {
    const whole = await readWhole(source, signal)
    return { sizeBytes: whole.length, slice: async (begin, end) => whole.subarray(begin, end) }
  }
  return {
    sizeBytes: source.sizeBytes,
    async slice(begin, end) {
      throwIfCancelled(signal)
      return guard(source, signal, () => slice(begin, end))
    },
  }
}

/** A stream of what a generator gives, made only as it is read. */
export function streamOf(pieces: AsyncGenerator<Uint8Array, void, void>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await pieces.next()
        if (done) controller.close()
        else controller.enqueue(value)
      },
      cancel: () => void pieces.return(undefined),
    },
    { highWaterMark: 0 },
  )
}

async function guard<T>(
  source: ImportSource,
  signal: AbortSignal | undefined,
  read: () => T | Promise<T>,
): Promise<T> {
  try {
    return await read()
  } catch (cause) {
    throwIfCancelled(signal)
    if (cause instanceof DataError) throw cause // what an archive says of what it holds
    throw new DataError(`${source.name}: the file could not be read (${String(cause)}); nothing was stored`, {
      code: 'unreadable-file',
      remedy: 'It may have been moved, changed or taken offline since it was chosen; choose it again.',
      cause,
    })
  }
}

/** Text or bytes that are in memory already, handed out in pieces of a given size. */
export function memorySource(
  name: string,
  content: Uint8Array | string,
  pieceSizeBytes = 65536,
): ImportSource {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
  const stream = () => {
    let at = 0
    return new ReadableStream<Uint8Array>({
      pull(controller) {
        if (at >= bytes.length) return controller.close()
        controller.enqueue(bytes.subarray(at, (at += pieceSizeBytes)))
      },
    })
  }
  const slice = async (begin: number, end: number) => bytes.subarray(begin, end)
  return { name, sizeBytes: bytes.length, stream, slice }
}
