import 'fake-indexeddb/auto'
import { describe, expect, onTestFinished, test } from 'vitest'
import { setLogSink } from '../core/log.ts'
import type { BunsenDatabase } from './database.ts'
import { faultyDatabase } from './faultyDatabase.ts'
import { clearPrepared, loadPrepared, savePrepared } from './preparedStore.ts'
import { openFresh } from './testRecords.ts'
import type { Prepared } from '../core/prepared.ts'

function example(key: string, sizeBytes = 40): Prepared {
  const tokenizer = { kind: 'characters', state: ['a', 'b'] }
  return {
    key,
    kind: 'text',
    train: { count: 2, arrays: { tokens: Uint16Array.of(1, 500) } },
    validation: { count: 1, arrays: { tokens: Uint8Array.of(1) } },
    coding: { facts: { vocabSize: 501 }, tokenizer },
    sizeBytes,
  }
}

async function keysOf(db: BunsenDatabase) {
  expect(await db.getAllKeys('preparedUse')).toEqual(await db.getAllKeys('prepared'))
  return db.getAllKeys('prepared')
}

describe('the cache of prepared data', () => {
  test('gives back arrays of the same types and values', async () => {
    const db = await openFresh()
    expect(await savePrepared(db, example('a'))).toBe(true)
    expect(await loadPrepared(db, 'a')).toEqual(example('a'))
    expect(await loadPrepared(db, 'b')).toBeNull()
  })

  test('drops the least recently used to stay within its budget', async () => {
    const db = await openFresh()
    for (const [nowMs, key] of ['a', 'b'].entries())
      await savePrepared(db, example(key), { budgetBytes: 100, nowMs })
    await loadPrepared(db, 'a', 5)
    await savePrepared(db, example('c'), { budgetBytes: 100, nowMs: 6 })
    expect(await keysOf(db)).toEqual(['a', 'c'])
    await savePrepared(db, example('d', 90), { budgetBytes: 100, nowMs: 7 })
    expect(await keysOf(db)).toEqual(['d'])
  })

  test('counts a replaced entry once', async () => {
    const db = await openFresh()
    await savePrepared(db, example('a'), { budgetBytes: 100, nowMs: 1 })
    for (const nowMs of [2, 3, 4]) await savePrepared(db, example('b'), { budgetBytes: 100, nowMs })
    expect(await keysOf(db)).toEqual(['a', 'b'])
  })

  test('does not drop everything for what cannot fit', async () => {
    const db = await openFresh()
    await savePrepared(db, example('a'), { budgetBytes: 100, nowMs: 1 })
    expect(await savePrepared(db, example('b', 101), { budgetBytes: 100, nowMs: 2 })).toBe(false)
    expect(await keysOf(db)).toEqual(['a'])
  })

  test('takes a full disk as not cached, and keeps what it had', async () => {
    setLogSink(() => undefined)
    onTestFinished(() => setLogSink(null))
    const db = await openFresh()
    await savePrepared(db, example('a'), { budgetBytes: 100, nowMs: 1 })
    const faulty = faultyDatabase(db, {
      store: 'prepared',
      count: 1,
      at: 'commit',
      error: 'QuotaExceededError',
    })
    expect(await savePrepared(faulty, example('b', 90), { budgetBytes: 100, nowMs: 2 })).toBe(false)
    expect(await keysOf(db)).toEqual(['a'])
  })

  test('treats a record of another shape as not there', async () => {
    const db = await openFresh()
    await db.put('prepared', { ...example('a'), train: [1, 2] as unknown as Prepared['train'] })
    expect(await loadPrepared(db, 'a')).toBeNull()
  })

  test('can be emptied', async () => {
    const db = await openFresh()
    await savePrepared(db, example('a'))
    await clearPrepared(db)
    expect(await keysOf(db)).toEqual([])
  })
})
