import { DataError } from '../../core/errors.ts'
import { shownName } from '../../core/shownName.ts'
import { throwIfCancelled } from '../cancel.ts'
import { maxSetSizeBytes, tooLarge } from './sizeLimit.ts'
import { blobSource, type ImportSource } from './source.ts'

interface Options {
  readonly signal?: AbortSignal
  /** `totalBytes` is 0 where the host does not say. */
  onProgress?(progress: { doneBytes: number; totalBytes: number }): void
}

const download = 'Download it in a tab of its own and drop the file here.'

/**
 * A file of another host, fetched whole, without cookies and without saying from where. Nothing but `https:` and `http:` is
 * asked. Throws `bad-url`, `url-refused` where the host cannot be reached or does not let other pages read what it has (CORS),
 * `url-status`, `url-page`, `too-large`, `cancelled`.
 */
export async function fetchSource(
  address: string,
  { signal, onProgress }: Options = {},
): Promise<ImportSource> {
  const url = parsed(address)
  throwIfCancelled(signal)
  const response = await guarded(url, signal, () =>
    fetch(url, { credentials: 'omit', referrerPolicy: 'no-referrer', ...(signal ? { signal } : {}) }),
  )
  const type = response.headers.get('content-type') ?? ''
  if (!response.ok) throw badStatus(url, response.status)
  if (/^text\/html\b/i.test(type)) throw isPage(url)
  const totalBytes = Number(response.headers.get('content-length')) || 0
  if (totalBytes > maxSetSizeBytes) throw tooLarge(totalBytes)
  const chunks: BlobPart[] = []
  let doneBytes = 0
  const reader = response.body?.getReader()
  for (;;) {
    const next = await guarded(url, signal, () => reader?.read() ?? { done: true as const, value: undefined })
    throwIfCancelled(signal)
    if (next.done) break
    chunks.push(next.value as BlobPart)
    doneBytes += next.value.length
    if (doneBytes > maxSetSizeBytes) {
      await reader?.cancel()
      throw tooLarge(doneBytes)
    }
    onProgress?.({ doneBytes, totalBytes: Math.max(totalBytes, doneBytes) })
  }
  return blobSource(new Blob(chunks), nameOf(url))
}

/** The last part of the path, as the file would be called if it were downloaded. */
function nameOf({ pathname, hostname }: URL): string {
  const last = pathname.split('/').findLast((part) => part !== '') ?? hostname
  try {
    return shownName(decodeURIComponent(last))
  } catch {
    return shownName(last)
  }
}

function parsed(address: string): URL {
  const url = URL.canParse(address.trim()) ? new URL(address.trim()) : null
  if (url && (url.protocol === 'https:' || url.protocol === 'http:') && url.username === '') return url
  throw new DataError(
    `The address must be a web address, got "${address.slice(0, 100)}"; nothing was stored`,
    {
      code: 'bad-url',
      remedy: 'It begins with https:// and names a file: https://example.org/data.csv, say.',
    },
  )
}

async function guarded<T>(url: URL, signal: AbortSignal | undefined, read: () => T | Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (cause) {
    throwIfCancelled(signal)
    throw new DataError(
      `${url.hostname}: the file could not be fetched: the host cannot be reached, or it does not let other pages read what it has (it sends no Access-Control-Allow-Origin); nothing was stored`,
      {
        code: 'url-refused',
        remedy: `${download} Hugging Face and GitHub's raw files can be fetched.`,
        cause,
      },
    )
  }
}

function badStatus(url: URL, status: number): DataError {
  const words =
    status === 404
      ? 'it has no such file'
      : status === 401 || status === 403
        ? 'it is not public'
        : 'it failed'
  return new DataError(`${url.hostname}: answered ${status}: ${words}; nothing was stored`, {
    code: 'url-status',
    remedy: status >= 500 || status === 429 ? 'Try again later.' : 'Check the address.',
    details: { status },
  })
}

function isPage(url: URL): DataError {
  return new DataError(
    `${url.hostname}: the address must be that of a file, got a web page; nothing was stored`,
    {
      code: 'url-page',
      remedy: `Take the address of the download: on Hugging Face the one with /resolve/ instead of /blob/, on GitHub that of Raw. Or: ${download}`,
    },
  )
}
