import { afterEach, expect, it, vi } from 'vitest'
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
