import { DataError } from '../../core/errors.ts'
import { throwIfCancelled } from '../cancel.ts'

/** Something dropped: a `File`, or a file on disk in Node. `stream` may be called more than once. */
export interface ImportSource {
  readonly name: string
  /** Folders and name as they lay on the disk or in an archive, parted by `/`. Left out for a file by itself. */
  readonly path?: string
  readonly sizeBytes: number
  stream(): ReadableStream<Uint8Array>
}

export function blobSource(blob: Blob, name: string, path?: string): ImportSource {
  const stream = () => blob.stream() as ReadableStream<Uint8Array>
  return { name, sizeBytes: blob.size, stream, ...(path === undefined ? {} : { path }) }
}

export function pathOf({ path, name }: ImportSource): string {
  return path ?? name
}

/**
 * The bytes of a source, piece by piece. Ends with `cancelled` when the signal is aborted, with `unreadable-file`
 * when the stream fails; the stream is let go of however the reading ends.
 */
export async function* readChunks(
  source: ImportSource,
  signal: AbortSignal | undefined,
  onBytes?: (sizeBytes: number) => void,
): AsyncGenerator<Uint8Array, void, void> {
  throwIfCancelled(signal)
  const reader = await guard(source, signal, () => source.stream().getReader())
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

/** All bytes of a source. Throws as `readChunks` does. */
export async function readWhole(
  source: ImportSource,
  signal: AbortSignal | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  for await (const chunk of readChunks(source, signal)) chunks.push(chunk)
  const whole = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
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
  return { name, sizeBytes: bytes.length, stream }
}
