import { afterEach, describe, expect, it, vi } from 'vitest'
import type { BundledEntry } from '../../core/catalog.ts'
import { sha256Hex } from '../../core/sha256.ts'
import { utf8Text } from '../reading/decodeText.ts'
import { fetchBundled } from './fetchBundled.ts'

const bytes = new TextEncoder().encode('Call me Ishmael.\n')
const entry: BundledEntry = {
  id: 'x',
  title: 'X',
  summary: '',
  kind: 'text',
  sizeBytes: bytes.length,
  sha256: sha256Hex(bytes),
  file: 'x-12345678.txt',
  licence: '',
  origin: '',
}

async function read(baseUrl = 'https://example.org/lab/', signal?: AbortSignal): Promise<string> {
  let text = ''
  for await (const piece of utf8Text(fetchBundled(entry, baseUrl, signal))) text += piece
  return text
}

afterEach(() => vi.unstubAllGlobals())

it('fetches below the base of the app', async () => {
  const fetched = vi.fn((_url: URL) => Promise.resolve(new Response(bytes)))
  vi.stubGlobal('fetch', fetched)
  expect(await read()).toBe('Call me Ishmael.\n')
  expect(String(fetched.mock.calls[0]![0])).toBe('https://example.org/lab/data/x-12345678.txt')
})

it('tells an unreachable server, a missing file, changed content and a cancelled fetch apart', async () => {
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('offline')))
  await expect(read()).rejects.toMatchObject({ code: 'data-unreachable' })
  await expect(read(undefined, AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' })
  vi.stubGlobal('fetch', () => Promise.resolve(new Response('', { status: 404 })))
  await expect(read()).rejects.toMatchObject({
    code: 'data-unreachable',
    message: expect.stringContaining('404') as string,
  })
  vi.stubGlobal('fetch', () => Promise.resolve(new Response('<!doctype html>')))
  await expect(read()).rejects.toMatchObject({ code: 'data-changed' })
})

describe('a transfer that does not come to its end', () => {
  /** A body that gives so many of the bytes and then breaks off, or nothing more until it is aborted. */
  function partOf(count: number, how: 'breaks' | 'stalls', aborted: AbortSignal): Response {
    return new Response(
      new ReadableStream({
        start(controller) {
          controller.enqueue(bytes.slice(0, count))
          if (how === 'breaks') setTimeout(() => controller.error(new TypeError('network')))
          aborted.addEventListener('abort', () => controller.error(new DOMException('aborted', 'AbortError')))
        },
      }),
    )
  }
  const answers = (...parts: ((signal: AbortSignal) => Response)[]) => {
    const fetched = vi.fn((_url: URL, { signal }: { signal: AbortSignal }) =>
      Promise.resolve(parts[Math.min(fetched.mock.calls.length, parts.length) - 1]!(signal)),
    )
    vi.stubGlobal('fetch', fetched)
    return fetched
  }
  const whole = () => new Response(bytes)

  it('is begun anew where it breaks off, and gives nothing twice', async () => {
    const fetched = answers(
      (signal) => partOf(5, 'breaks', signal),
      (signal) => partOf(9, 'breaks', signal),
      whole,
    )
    expect(await read()).toBe('Call me Ishmael.\n')
    expect(fetched).toHaveBeenCalledTimes(3)
  })

  it('is begun anew where nothing comes for long', async () => {
    vi.useFakeTimers()
    const fetched = answers((signal) => partOf(5, 'stalls', signal), whole)
    const text = read()
    await vi.advanceTimersByTimeAsync(19_000)
    expect(fetched).toHaveBeenCalledTimes(1)
    await vi.advanceTimersByTimeAsync(2000)
    expect(await text).toBe('Call me Ishmael.\n')
    expect(fetched).toHaveBeenCalledTimes(2)
    vi.useRealTimers()
  })

  it('is begun anew where no answer comes, and given up after the third that does not', async () => {
    vi.useFakeTimers()
    const fetched = vi.fn(
      (_url: URL, { signal }: { signal: AbortSignal }) =>
        new Promise<Response>((resolve, reject) => {
          if (fetched.mock.calls.length > 3) resolve(whole())
          signal.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')))
        }),
    )
    vi.stubGlobal('fetch', fetched)
    const failed = expect(read()).rejects.toMatchObject({
      code: 'data-unreachable',
      message: expect.stringContaining('nothing came for 20 s') as string,
    })
    await vi.advanceTimersByTimeAsync(61_000)
    await failed
    expect(fetched).toHaveBeenCalledTimes(3)
    expect(await read()).toBe('Call me Ishmael.\n')
    vi.useRealTimers()
  })

  it('is given up where it never does, and at once where it is cancelled', async () => {
    const fetched = answers((signal) => partOf(5, 'breaks', signal))
    await expect(read()).rejects.toMatchObject({ code: 'unreadable-file' })
    expect(fetched).toHaveBeenCalledTimes(3)
    const abort = new AbortController()
    const stalled = answers((signal) => partOf(5, 'stalls', signal))
    const text = read(undefined, abort.signal)
    setTimeout(() => abort.abort(), 5)
    await expect(text).rejects.toMatchObject({ code: 'cancelled' })
    expect(stalled).toHaveBeenCalledTimes(1)
  })
})
