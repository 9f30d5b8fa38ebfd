import 'fake-indexeddb/auto'
import { deleteDB, openDB } from 'idb'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { stagedLifeMs } from './content.ts'
import { databaseVersion, openDatabase } from './database.ts'
import { faultyDatabase } from './faultyDatabase.ts'
import { getRun, listRuns, putRun } from './runStore.ts'
import { toStorageError } from './storageErrors.ts'
import { exampleRun, openFresh } from './testRecords.ts'

afterEach(() => vi.unstubAllGlobals())

describe('the database', () => {
  test('keeps what was stored when it is opened again', async () => {
    const first = await openDatabase({ name: 'again' })
    await putRun(first, exampleRun('a'))
    first.close()
    expect(await getRun(await openDatabase({ name: 'again' }), 'a')).toEqual(exampleRun('a'))
  })

  test('of a newer app is refused as such and left alone', async () => {
    const newer = await openDB('newer', databaseVersion + 1, {
      upgrade: (db) => void db.createObjectStore('future'),
    })
    newer.close()
    await expect(openDatabase({ name: 'newer' })).rejects.toMatchObject({
      name: 'StorageError',
      code: 'storage-newer',
    })
    const still = await openDB('newer')
    expect([...still.objectStoreNames]).toEqual(['future'])
  })

  test('is reported as unavailable where the browser has none or forbids it', async () => {
    vi.stubGlobal('indexedDB', undefined)
    await expect(openDatabase()).rejects.toMatchObject({ code: 'storage-unavailable' })
    const open = () => {
      throw new DOMException('denied', 'SecurityError')
    }
    vi.stubGlobal('indexedDB', { open })
    await expect(openDatabase()).rejects.toMatchObject({ code: 'storage-unavailable' })
  })

  test('closes for a newer version in another tab, tells it, and fails clearly from then on', async () => {
    const onLost = vi.fn()
    const db = await openDatabase({ name: 'taken', onLost })
    const newer = await openDB('taken', databaseVersion + 1)
    expect(newer.version).toBe(databaseVersion + 1)
    expect(onLost).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ code: 'storage-outdated' }))
    await expect(putRun(db, exampleRun('a'))).rejects.toMatchObject({ code: 'storage-closed' })
    await expect(listRuns(db)).rejects.toMatchObject({ code: 'storage-closed' })
  })

  test('that another tab is deleting is given up, too', async () => {
    const onLost = vi.fn()
    await openDatabase({ name: 'deleted', onLost })
    await deleteDB('deleted')
    expect(onLost).toHaveBeenCalledOnce()
  })

  /** A connection of somebody who does not close it when asked to. */
  async function hold(name: string) {
    const db = await openDatabase({ name, version: 1 })
    db.close()
    return openDB(name, 1)
  }

  test('that an older tab does not let go of is refused', async () => {
    const holder = await hold('held')
    await expect(openDatabase({ name: 'held', version: 2 })).rejects.toMatchObject({
      code: 'storage-blocked',
      details: { currentVersion: 1, wantedVersion: 2 },
    })
    holder.close()
    await deleteDB('held') // hangs if the late connection stayed open
  })

  test('that an older tab does not let go of is waited for where the caller wants to', async () => {
    const holder = await hold('awaited')
    const onBlocked = vi.fn(() => holder.close())
    const db = await openDatabase({ name: 'awaited', version: 2, onBlocked })
    expect(onBlocked).toHaveBeenCalledWith(expect.objectContaining({ code: 'storage-blocked' }))
    expect(db.version).toBe(2)
  })

  test('that an older tab hands over is not blocked', async () => {
    const onLost = vi.fn()
    await openDatabase({ name: 'handed', version: 1, onLost })
    const db = await openDatabase({ name: 'handed', version: 2 })
    expect([db.version, onLost.mock.calls.length]).toEqual([2, 1])
  })

  test('is swept of dead writes when it is opened', async () => {
    const db = await openDatabase({ name: 'swept' })
    await db.put('staging', { contentId: 'dead', touchedAt: 1000 })
    await db.put('blobs', new Uint8Array(5), ['dead', 0])
    db.close()
    const early = await openDatabase({ name: 'swept', nowMs: 1000 + stagedLifeMs })
    expect(await early.count('blobs')).toBe(1)
    early.close()
    const late = await openDatabase({ name: 'swept', nowMs: 1001 + stagedLifeMs })
    expect([await late.count('blobs'), await late.count('staging')]).toEqual([0, 0])
  })

  test.each([
    ['DataError', 'Failed to write blobs (IOError)'],
    ['UnknownError', 'The operation failed for reasons unrelated to the database itself: disk I/O error'],
  ])('takes a %s of the browser about its disk for what it is', (name, message) => {
    const error = toStorageError(new DOMException(message, name), 'storing piece 1')
    expect(error).toMatchObject({ name: 'StorageError', code: 'disk-failed' })
    expect(error.message).toContain(message)
  })

  test('stores nothing of a transaction that fails, whatever the failure', async () => {
    const db = await openFresh()
    const codes = {
      QuotaExceededError: 'quota-exceeded',
      UnknownError: 'storage-failed',
      DataError: 'storage-failed',
      AbortError: 'storage-closed',
    }
    for (const at of ['request', 'commit'] as const) {
      for (const [error, code] of Object.entries(codes)) {
        const faulty = faultyDatabase(db, { store: 'runs', count: 1, at, error })
        await expect(putRun(faulty, exampleRun('a'))).rejects.toMatchObject({ name: 'StorageError', code })
      }
    }
    expect(await db.count('runs')).toBe(0)
  })
})
