import { expect, it } from 'vitest'
import { createSha256, sha256Hex } from '../../core/sha256.ts'
import { blobSource, memorySource, readChunks, readWhole, streamOf, type ImportSource } from './source.ts'

const bytes = Uint8Array.from({ length: 1_500_000 }, (_, i) => (i * 2654435761) >>> 24)
const blob = new Blob([bytes])

/** What can only be read as it comes, as from an archive. */
const asItComes: ImportSource = {
  name: 'x',
  sizeBytes: bytes.length,
  stream: () =>
    streamOf(
      (async function* () {
        for (let at = 0; at < bytes.length; at += 70_000) yield bytes.slice(at, at + 70_000)
      })(),
    ),
}

it.each([
  ['a file', blobSource(blob, 'x')],
  ['memory', memorySource('x', bytes)],
  ['a stream', asItComes],
])('reads all bytes of %s, piece by piece and whole', async (_what, source) => {
  const hash = createSha256()
  let told = 0
  for await (const chunk of readChunks(source, undefined, (sizeBytes) => (told += sizeBytes)))
    hash.update(chunk)
  expect(hash.hex()).toBe(sha256Hex(bytes))
  expect(told).toBe(bytes.length)
  expect(sha256Hex(await readWhole(source, undefined))).toBe(sha256Hex(bytes))
})

it('reads a file into the same memory again and again', async () => {
  const pieces: Uint8Array[] = []
  for await (const chunk of readChunks(blobSource(blob, 'x'), undefined)) pieces.push(chunk)
  expect(pieces.length).toBeGreaterThan(2)
  // Memory that was handed on leaves an empty view behind.
  expect(pieces.slice(0, -1).map(({ length }) => length)).toEqual(pieces.slice(0, -1).map(() => 0))
})

it('lets go of a file that is not read to its end, and can read it anew', async () => {
  const source = blobSource(blob, 'x')
  for await (const chunk of readChunks(source, undefined)) if (chunk.length > 0) break
  expect((await readWhole(source, undefined)).length).toBe(bytes.length)
})
