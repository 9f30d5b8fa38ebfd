import { DataError } from '../../core/errors.ts'
import { throwIfCancelled } from '../cancel.ts'

/** Something dropped: a `File`, or a file on disk in Node. `stream` may be called more than once. */
export interface ImportSource {
  readonly name: string
  readonly sizeBytes: number
  stream(): ReadableStream<Uint8Array>
}

export function blobSource(blob: Blob, name: string): ImportSource {
  return { name, sizeBytes: blob.size, stream: () => blob.stream() as ReadableStream<Uint8Array> }
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
