import type { BundledEntry } from '../../core/catalog.ts'
import { DataError } from '../../core/errors.ts'
import { createSha256 } from '../../core/sha256.ts'
import { throwIfCancelled } from '../cancel.ts'
import { readChunks } from '../reading/source.ts'

/** A transfer of which nothing comes for so long is begun anew. */
const stallMs = 20_000
const mostTries = 3

/**
 * The bytes of a bundled set, from the app's own `data/` folder. A transfer that stalls or breaks off is begun anew, and what
 * it had given already is left out. Ends with an error, after the last piece, when they are not those that the app was built
 * with. Throws `data-unreachable`, `data-changed`, `unreadable-file`, `cancelled`.
 */
export async function* fetchBundled(
  entry: BundledEntry,
  baseUrl: string,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array, void, void> {
  const hash = createSha256()
  let given = 0
  for (let attempt = 1; ; attempt++) {
    const stalled = new AbortController()
    let at = 0
    try {
      for await (const chunk of transfer(entry, baseUrl, { signal, stalled })) {
        const news = chunk.slice(Math.max(0, given - at))
        at += chunk.length
        if (news.length === 0) continue
        given += news.length
        hash.update(news)
        yield news
      }
      break
    } catch (error) {
      throwIfCancelled(signal)
      // That the server is not there, or has no such file, is told at once.
      const isLost = given === 0 && !stalled.signal.aborted
      if (isLost || attempt === mostTries) throw error
    }
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

/** All of it once; each piece is good until the next one is asked for. @param stalled is aborted where nothing comes for long */
async function* transfer(
  entry: BundledEntry,
  baseUrl: string,
  { signal, stalled }: { readonly signal: AbortSignal | undefined; readonly stalled: AbortController },
): AsyncGenerator<Uint8Array, void, void> {
  const own = new AbortController()
  const cancel = () => own.abort()
  const stall = () => {
    stalled.abort()
    cancel()
  }
  if (signal?.aborted) cancel()
  signal?.addEventListener('abort', cancel)
  let timer = setTimeout(stall, stallMs)
  try {
    const response = await fetch(new URL(`data/${entry.file}`, baseUrl), { signal: own.signal }).catch(
      (cause: unknown) => {
        throwIfCancelled(signal)
        const got = stalled.signal.aborted ? `nothing came for ${stallMs / 1000} s` : String(cause)
        throw unreachable(entry, got, cause)
      },
    )
    const { body, status, ok } = response
    if (!ok || !body) throw unreachable(entry, `status ${status}`)
    const source = { name: entry.title, sizeBytes: entry.sizeBytes, stream: () => body }
    for await (const chunk of readChunks(source, signal)) {
      // Who takes the pieces may take their time.
      clearTimeout(timer)
      yield chunk
      timer = setTimeout(stall, stallMs)
    }
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', cancel)
  }
}

function unreachable(entry: BundledEntry, got: string, cause?: unknown): DataError {
  return new DataError(`${entry.title}: could not be fetched (${got})`, {
    code: 'data-unreachable',
    remedy: 'Check the connection and try again, or drop a text of your own.',
    details: { id: entry.id },
    cause,
  })
}
