import 'fake-indexeddb/auto'
import { openDB } from 'idb'
import { describe, expect, onTestFinished, test } from 'vitest'
import { setLogSink } from '../core/log.ts'
import type { StepIdentity } from '../core/steps.ts'
import { openDatabase, type BunsenDatabase } from './database.ts'
import { chunkBytes } from './content.ts'
import { faultyDatabase } from './faultyDatabase.ts'
import { createStepStore, type StepStoreOptions } from './stepStore.ts'
import { clearSteps, setStepBudget, stepUse } from './stepUse.ts'
import { blobCount, openFresh, patternBytes } from './testRecords.ts'

const identity: StepIdentity = {
  step: 'a/b',
  version: 1,
  parts: {},
  config: { x: 1 },
  seed: null,
  inputs: {},
}
const none = () => Promise.resolve(new Set<string>())

/** A store whose clock ticks once a question. */
function storeOf(db: BunsenDatabase, options: StepStoreOptions = {}) {
  let ticks = 0
  const store = createStepStore(db, { budgetBytes: 1e9, pinned: none, now: () => ++ticks, ...options })
  const put = (key: string, size = 40) =>
    store.put({ key, identity, seconds: 2 }, patternBytes(size, key.charCodeAt(0)))
  const keptKeys = async () =>
    (await db.getAll('steps')).filter(({ state }) => state === 'kept').map(({ key }) => key)
  const stateOf = async (key: string) =>
    (await store.records('a/b')).find((record) => record.key === key)?.state
  return { ...store, put, keptKeys, stateOf }
}

function silenced() {
  setLogSink(() => undefined)
  onTestFinished(() => setLogSink(null))
}

describe('what steps made, in the database', () => {
  test('comes back as it was, in one piece and in several', async () => {
    const db = await openFresh()
    const store = storeOf(db)
    for (const size of [0, 1, 40, chunkBytes + 5]) {
      expect(await store.put('k', size)).toBeNull()
      const { bytes, record } = (await store.get('k'))!
      expect([bytes.length, record.seconds, record.state]).toEqual([size, 2, 'kept'])
      expect(Buffer.compare(bytes, patternBytes(size, 'k'.charCodeAt(0)))).toBe(0)
    }
    expect([await store.get('other'), await blobCount(db), await db.count('staging')]).toEqual([null, 2, 0])
    expect(await store.records('a/b')).toHaveLength(1)
    expect(await store.records('a')).toEqual([])
  })

  test('gives up the least recently used for its budget, and remembers that it did', async () => {
    const db = await openFresh()
    const store = storeOf(db, { budgetBytes: 100 })
    await store.put('a')
    await store.put('b')
    await store.get('a')
    await store.put('c')
    expect([await store.keptKeys(), await store.stateOf('b'), await blobCount(db)]).toEqual([
      ['a', 'c'],
      'evicted',
      2,
    ])
    expect(await store.put('d', 90)).toBeNull()
    expect(await store.keptKeys()).toEqual(['d'])
    expect([await store.put('e', 101), await store.stateOf('e'), await store.keptKeys()]).toEqual([
      'over-budget',
      'unkept',
      ['d'],
    ])
  })

  test('never gives up what is in use', async () => {
    const db = await openFresh()
    const store = storeOf(db, { budgetBytes: 100, pinned: () => Promise.resolve(new Set(['a'])) })
    await store.put('a')
    for (const key of ['b', 'c', 'd']) await store.put(key)
    expect(await store.keptKeys()).toEqual(['a', 'd'])
    expect([await store.put('e', 80), await store.keptKeys()]).toEqual(['over-budget', ['a', 'd']])
    await clearSteps(db, () => Promise.resolve(new Set(['a'])))
    expect(await store.keptKeys()).toEqual(['a'])
  })

  test.each(['damaged', 'cut', 'missing'])('deletes what is %s, and remembers why', async (kind) => {
    silenced()
    const db = await openFresh()
    const store = storeOf(db)
    await store.put('a', chunkBytes + 40)
    const [first] = await db.getAllKeys('blobs')
    const bytes = (await db.get('blobs', first!))!
    if (kind === 'damaged') await db.put('blobs', bytes.with(9, bytes[9]! ^ 1), first)
    else if (kind === 'cut') await db.put('blobs', bytes.slice(0, -1), first)
    else await db.delete('blobs', first!)
    expect([await store.get('a'), await store.stateOf('a'), await blobCount(db)]).toEqual([
      null,
      'corrupted',
      0,
    ])
    expect([await store.put('a'), await store.stateOf('a')]).toEqual([null, 'kept'])
  })

  test.each([
    ['staging', 1],
    ['blobs', 2],
    ['steps', 1],
  ])('takes a disk that fills at %s as not kept, whole or not at all', async (name, count) => {
    silenced()
    const db = await openFresh()
    await storeOf(db).put('a')
    const fault = { store: name, count, at: 'commit', error: 'QuotaExceededError' } as const
    const store = storeOf(faultyDatabase(db, fault))
    expect(await store.put('b', chunkBytes + 40)).toBe('disk-full')
    expect([await store.keptKeys(), await blobCount(db), await db.count('staging')]).toEqual([['a'], 1, 0])
    expect(await store.stateOf('b')).toBe('unkept')
  })

  test('tells other failures', async () => {
    const db = await openFresh()
    const fault = { store: 'steps', count: 1, at: 'request', error: 'AbortError' } as const
    await expect(storeOf(faultyDatabase(db, fault)).put('a')).rejects.toMatchObject({
      code: 'storage-closed',
    })
    expect(await blobCount(db)).toBe(0)
  })

  test('remembers only so many that are gone', async () => {
    const db = await openFresh()
    const store = storeOf(db, { budgetBytes: 40 })
    for (let i = 0; i < 50; i++) await store.put(String.fromCharCode(97 + i))
    expect((await db.count('steps')) <= 34).toBe(true)
    expect(await store.keptKeys()).toEqual([String.fromCharCode(97 + 49)])
  })

  test('has a budget that can be set, at once and for later, and can be emptied', async () => {
    const db = await openFresh()
    const store = storeOf(db)
    for (const key of ['a', 'b', 'c']) await store.put(key)
    expect(await stepUse(db)).toEqual({ usedBytes: 120, budgetBytes: 1e9, entries: 3 })
    await setStepBudget(db, 85, none)
    expect([await store.keptKeys(), await stepUse(db)]).toEqual([
      ['b', 'c'],
      { usedBytes: 80, budgetBytes: 85, entries: 2 },
    ])
    const later = createStepStore(db, { pinned: none })
    await later.put({ key: 'd', identity, seconds: 1 }, new Uint8Array(10))
    expect((await stepUse(db)).usedBytes).toBe(50)
    await setStepBudget(db, 0, none)
    expect(await later.put({ key: 'e', identity, seconds: 1 }, new Uint8Array(1))).toBe('over-budget')
    expect([(await stepUse(db)).entries, await blobCount(db)]).toEqual([0, 0])
  })

  test('takes the place of what older versions stored', async () => {
    const name = `old-${Date.now()}`
    const old = await openDB(name, 1, {
      upgrade(db) {
        for (const store of ['runs', 'prepared', 'preparedUse']) db.createObjectStore(store)
        for (const store of ['blobs', 'settings']) db.createObjectStore(store)
        db.createObjectStore('staging', { keyPath: 'contentId' })
      },
    })
    await old.put('runs', 'kept', 'a')
    await old.put('prepared', 'gone', 'b')
    old.close()
    const db = await openDatabase({ name })
    expect([...db.objectStoreNames]).toEqual(['blobs', 'runs', 'settings', 'staging', 'steps', 'tokenizers'])
    expect(await db.get('runs', 'a')).toBe('kept')
    expect(await storeOf(db).put('a')).toBeNull()
  })
})
