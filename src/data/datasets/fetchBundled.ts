import type { BundledEntry } from '../../core/catalog.ts'
import { DataError } from '../../core/errors.ts'
import { createSha256 } from '../../core/sha256.ts'
import { throwIfCancelled } from '../cancel.ts'
import { readChunks } from '../reading/source.ts'

/**
 * The bytes of a bundled set, from the app's own `data/` folder. Ends with an error, after the last piece, when they
 * are not those that the app was built with. Throws `data-unreachable`, `data-changed`, `cancelled`.
 */
export async function* fetchBundled(
  entry: BundledEntry,
  baseUrl: string,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array, void, void> {
  const response = await fetch(new URL(`data/${entry.file}`, baseUrl), signal ? { signal } : {}).catch(
    (cause: unknown) => {
      throwIfCancelled(signal)
      throw unreachable(entry, String(cause), cause)
    },
  )
  const { body, status, ok } = response
  if (!ok || !body) throw unreachable(entry, `status ${status}`)
  const hash = createSha256()
  for await (const chunk of readChunks(
    { name: entry.title, sizeBytes: entry.sizeBytes, stream: () => body },
    signal,
  )) {
    hash.update(chunk)
    yield chunk.slice()
  }
  if (hash.hex() === entry.sha256) return
  throw new DataError(
    `${entry.title}: its content must have the hash ${entry.sha256.slice(0, 8)}…, got another; nothing was stored`,
    {
      code: 'data-changed',
      remedy: 'Reload the page; if it stays so, the server holds files of another version of Bunsen.',
      details: { id: entry.id },
    },
  )
}

function unreachable(entry: BundledEntry, got: string, cause?: unknown): DataError {
  return new DataError(`${entry.title}: could not be fetched (${got})`, {
    code: 'data-unreachable',
    remedy: 'Check the connection and try again, or drop a text of your own.',
    details: { id: entry.id },
    cause,
  })
}
