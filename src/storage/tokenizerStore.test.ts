import 'fake-indexeddb/auto'
import { expect, it } from 'vitest'
import { sha256Hex } from '../core/sha256.ts'
import { faultyDatabase } from './faultyDatabase.ts'
import { openFresh, patternBytes } from './testRecords.ts'
import { deleteTokenizer, listTokenizers, readTokenizer, saveTokenizer } from './tokenizerStore.ts'

const about = { name: 'tokenizer.json', kind: 'bpe', vocabSize: 300, createdAt: 5 }
const bytes = patternBytes(5000, 1)

it('keeps a file under its hash, once, with its first name', async () => {
  const db = await openFresh()
  const stored = await saveTokenizer(db, bytes, about, null)
  expect(stored).toEqual({ ...about, version: 1, sha256: sha256Hex(bytes), sizeBytes: 5000 })
  expect(await saveTokenizer(db, bytes, { ...about, name: 'again' }, null)).toEqual(stored)
  expect(await listTokenizers(db)).toEqual([stored])
  expect(await readTokenizer(db, stored.sha256)).toEqual(bytes)
  expect(await db.count('blobs')).toBe(1)
  expect(await db.count('staging')).toBe(0)
})

it('gives nothing that is damaged or gone, and leaves nothing behind', async () => {
  const db = await openFresh()
  const { sha256 } = await saveTokenizer(db, bytes, about, null)
  const [id] = await db.getAllKeys('blobs')
  await db.put('blobs', patternBytes(5000, 2), id!)
  await expect(readTokenizer(db, sha256)).rejects.toMatchObject({ code: 'content-corrupt' })
  await deleteTokenizer(db, sha256)
  expect(await readTokenizer(db, sha256)).toBeNull()
  expect(await listTokenizers(db)).toEqual([])
  expect(await db.count('blobs')).toBe(0)
})

it('stores nothing where the disk is full', async () => {
  const db = await openFresh()
  const fault = { store: 'tokenizers', count: 1, at: 'commit', error: 'QuotaExceededError' } as const
  await expect(saveTokenizer(faultyDatabase(db, fault), bytes, about, null)).rejects.toMatchObject({
    code: 'quota-exceeded',
  })
  expect(await db.count('blobs')).toBe(0)
  expect(await db.count('tokenizers')).toBe(0)
})
