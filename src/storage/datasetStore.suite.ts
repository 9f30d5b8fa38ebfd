import { keepAsked, readAsked } from './askedStore.ts'
import { describe, expect, test } from 'vitest'
import { sha256Hex } from '../core/sha256.ts'
import { chunkBytes, stagedLifeMs, sweepStaged } from './content.ts'
import type { BunsenDatabase } from './database.ts'
import {
  deleteDataset,
  getDataset,
  listDatasets,
  readDataset,
  readDatasetBytes,
  readDatasetRange,
  renameDataset,
  saveDataset,
} from './datasetStore.ts'
import { faultyDatabase } from './faultyDatabase.ts'
import { exampleManifest, openFresh, patternBytes } from './testRecords.ts'

function* inPieces(bytes: Uint8Array, pieceBytes: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes)
}

function save(db: BunsenDatabase, bytes: Uint8Array, name = 'example') {
  return saveDataset(db, inPieces(bytes, 700_001), {
    expectedBytes: bytes.length,
    describe: (content) => exampleManifest(content, name),
    storage: null,
  })
}

/** The same on the real IndexedDB and on the one in memory. */
export function describeDatasetStore(): void {
  describe('the data set store', () => {
    test('stores content under its hash and streams it back', async () => {
      const db = await openFresh()
      const bytes = patternBytes(2 * chunkBytes + 100, 3)
      const { manifest, isNew } = await save(db, bytes)
      expect({ isNew, sha256: manifest.sha256 }).toEqual({ isNew: true, sha256: sha256Hex(bytes) })
      const sizes: number[] = []
      for await (const piece of readDataset(db, manifest.sha256)) sizes.push(piece.length)
      expect(sizes).toEqual([chunkBytes, chunkBytes, 100])
      expect(sha256Hex(await readDatasetBytes(db, manifest.sha256))).toBe(manifest.sha256)
      expect(await getDataset(db, manifest.sha256)).toEqual(manifest)
    })

    test('reads any range as a slice would', async () => {
      const db = await openFresh()
      const bytes = patternBytes(2 * chunkBytes + 100, 4)
      const { sha256 } = (await save(db, bytes)).manifest
      const ends = [
        0,
        5,
        chunkBytes - 1,
        chunkBytes,
        chunkBytes + 1,
        2 * chunkBytes,
        bytes.length,
        bytes.length + 9,
      ]
      for (const begin of ends) {
        for (const end of ends) {
          const expected = end < begin ? new Uint8Array(0) : bytes.slice(begin, end)
          const got = await readDatasetRange(db, sha256, { begin, end })
          expect(got.length, `${begin}..${end}`).toBe(expected.length)
          expect(sha256Hex(got), `${begin}..${end}`).toBe(sha256Hex(expected))
        }
      }
    })

    test('stores the same content once and keeps its first manifest', async () => {
      const db = await openFresh()
      await save(db, patternBytes(1000, 5), 'first')
      const again = await save(db, patternBytes(1000, 5), 'second')
      expect(again).toMatchObject({ isNew: false, manifest: { name: 'first' } })
      expect([await db.count('blobs'), await db.count('staging')]).toEqual([1, 0])
    })

    test('stores empty content', async () => {
      const db = await openFresh()
      const { sha256 } = (await save(db, new Uint8Array(0))).manifest
      expect(await readDatasetBytes(db, sha256)).toEqual(new Uint8Array(0))
    })

    test('leaves nothing behind when an import is broken off', async () => {
      const db = await openFresh()
      async function* pieces() {
        yield patternBytes(chunkBytes, 1)
        await Promise.resolve()
        throw new Error('cancelled')
      }
      const options = { expectedBytes: 1, describe: exampleManifest, storage: null }
      await expect(saveDataset(db, pieces(), options)).rejects.toThrow('cancelled')
      expect([await db.count('blobs'), await db.count('staging'), await db.count('datasets')]).toEqual([
        0, 0, 0,
      ])
    })

    test('leaves nothing behind when the disk is full at the manifest', async () => {
      const db = await openFresh()
      const fault = { store: 'datasets', count: 1, at: 'commit', error: 'QuotaExceededError' } as const
      await expect(save(faultyDatabase(db, fault), patternBytes(10, 1))).rejects.toMatchObject({
        code: 'quota-exceeded',
        message: expect.stringMatching(
          /^The data set was not stored: .* What was stored before is kept\.$/,
        ) as string,
      })
      expect([await db.count('blobs'), await db.count('staging'), await db.count('datasets')]).toEqual([
        0, 0, 0,
      ])
    })

    test('removes what a full disk did not let go as soon as it does', async () => {
      const db = await openFresh()
      let isFull = false
      const full = new Proxy(db, {
        get(target, key) {
          const value: unknown = Reflect.get(target, key, target)
          if (typeof value !== 'function') return value
          return (...args: unknown[]) => {
            if (isFull && key === 'transaction') throw new DOMException('no room', 'UnknownError')
            return Reflect.apply(value, target, args) as unknown
          }
        },
      })
      const pieces = function* () {
        yield patternBytes(chunkBytes, 1)
        isFull = true
        yield patternBytes(chunkBytes, 2)
      }
      const options = { expectedBytes: 1, describe: exampleManifest, storage: null }
      await expect(saveDataset(full, pieces(), options)).rejects.toMatchObject({ name: 'StorageError' })
      isFull = false
      expect([await db.count('blobs'), await db.count('staging')]).toEqual([1, 1])
      await save(full, patternBytes(10, 3))
      expect([await db.count('blobs'), await db.count('staging')]).toEqual([1, 0])
    })

    test('sweeps what a killed tab left, but not what another tab is writing or has finished', async () => {
      const db = await openFresh()
      const { sha256 } = (await save(db, patternBytes(10, 1))).manifest
      const nowMs = Date.now()
      await db.put('staging', { contentId: 'dead', touchedAt: nowMs - stagedLifeMs - 1 })
      await db.put('blobs', new Uint8Array(1), ['dead', 0])
      await db.put('staging', { contentId: 'alive', touchedAt: nowMs - 1000 })
      await db.put('blobs', new Uint8Array(1), ['alive', 0])
      expect(await sweepStaged(db, nowMs)).toBe(1)
      expect(await db.getAllKeys('staging')).toEqual(['alive'])
      expect(await db.count('blobs')).toBe(2)
      expect(await readDatasetBytes(db, sha256)).toEqual(patternBytes(10, 1))
    })

    test('refuses to finish an import that was swept while it stood still', async () => {
      const db = await openFresh()
      async function* pieces() {
        yield patternBytes(chunkBytes, 1)
        await sweepStaged(db, Date.now() + 2 * stagedLifeMs)
        yield patternBytes(chunkBytes, 2)
      }
      const options = { expectedBytes: 1, describe: exampleManifest, storage: null }
      await expect(saveDataset(db, pieces(), options)).rejects.toMatchObject({ code: 'storage-swept' })
      expect([await db.count('blobs'), await db.count('datasets')]).toEqual([0, 0])
    })

    test('renames a data set without touching its content', async () => {
      const db = await openFresh()
      const { sha256 } = (await save(db, patternBytes(10, 1))).manifest
      await renameDataset(db, sha256, 'other')
      expect((await listDatasets(db)).map(({ name }) => name)).toEqual(['other'])
      expect(await readDatasetBytes(db, sha256)).toEqual(patternBytes(10, 1))
      await expect(renameDataset(db, 'gone', 'x')).rejects.toMatchObject({ code: 'dataset-missing' })
    })

    test.each([
      ['version', 99],
      ['name', null],
      ['counts', {}],
      ['files', [null]],
      ['notices', 'none'],
    ])(
      'leaves out a manifest with a broken %s, and makes it anew from the same content',
      async (field, value) => {
        const db = await openFresh()
        const bytes = patternBytes(10, 1)
        const { manifest } = await save(db, bytes)
        const record = (await db.get('datasets', manifest.sha256))!
        await db.put('datasets', { ...record, manifest: { ...manifest, [field]: value } })
        expect([await listDatasets(db), await getDataset(db, manifest.sha256)]).toEqual([[], null])
        expect(await save(db, bytes, 'again')).toMatchObject({ isNew: true, manifest: { name: 'again' } })
        expect(await readDatasetBytes(db, manifest.sha256)).toEqual(bytes)
        expect(await db.count('blobs')).toBe(1)
      },
    )

    test('deletes a data set, names a missing one and a damaged one', async () => {
      const db = await openFresh()
      const { sha256 } = (await save(db, patternBytes(10, 1))).manifest
      await keepAsked(db, sha256, { labels: 'kind', rows: [] })
      expect(await readAsked(db, sha256)).toEqual({ labels: 'kind', rows: [] })
      await deleteDataset(db, sha256)
      expect([await db.count('blobs'), await listDatasets(db)]).toEqual([0, []])
      expect(await readAsked(db, sha256)).toBeUndefined()
      await expect(readDatasetBytes(db, sha256)).rejects.toMatchObject({ code: 'dataset-missing' })
      await deleteDataset(db, sha256)
      await save(db, patternBytes(10, 1))
      const [key] = await db.getAllKeys('blobs')
      await db.put('blobs', patternBytes(10, 2), key)
      await expect(readDatasetBytes(db, sha256)).rejects.toMatchObject({ code: 'content-corrupt' })
    })
  })
}
