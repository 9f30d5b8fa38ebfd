import 'fake-indexeddb/auto'
import { deleteDB, openDB } from 'idb'
import { describe, expect, test, vi } from 'vitest'
import { createConnection } from './connection.ts'
import { databaseVersion, type BunsenDatabase } from './database.ts'
import { appendEvents, readEvents } from './logStore.ts'
import { getRun, putRun } from './runStore.ts'
import { terminate } from './terminate.ts'
import { exampleRun } from './testRecords.ts'

describe('a connection', () => {
  test('that the browser ended is opened anew, with all that was stored', async () => {
    const connection = createConnection({ name: 'terminated' })
    await connection.use((db) => putRun(db, exampleRun('a')))
    terminate(await connection.get())
    await connection.use((db) => putRun(db, exampleRun('b')))
    expect(await connection.use((db) => getRun(db, 'a'))).toEqual(exampleRun('a'))
    expect(await connection.use((db) => getRun(db, 'b'))).toEqual(exampleRun('b'))
  })

  test('that closed without a word does the work that failed once more, and once only', async () => {
    const connection = createConnection({ name: 'silent' })
    await connection.use((db) => putRun(db, exampleRun('a')))
    const old = await connection.get()
    const entries = [{ step: 1, event: { type: 'metrics' } }]
    const work = vi.fn((db: BunsenDatabase) => {
      if (db === old) db.close()
      return appendEvents(db, 'a', entries)
    })
    await connection.use(work)
    expect(work).toHaveBeenCalledTimes(2)
    expect(await connection.use((db) => readEvents(db, 'a'))).toEqual(entries)
    const alwaysClosing = connection.use((db) => {
      db.close()
      return putRun(db, exampleRun('b'))
    })
    await expect(alwaysClosing).rejects.toMatchObject({ code: 'storage-closed' })
  })

  test('given up for another tab that deletes the database finds an empty one', async () => {
    const onLost = vi.fn()
    const connection = createConnection({ name: 'cleared', onLost })
    await connection.use((db) => putRun(db, exampleRun('a')))
    await deleteDB('cleared')
    expect(onLost).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ code: 'storage-deleted' }))
    await expect(connection.use((db) => getRun(db, 'a'))).rejects.toMatchObject({ code: 'run-missing' })
  })

  test('given up for a newer version says so at each use, and that nothing was touched', async () => {
    const connection = createConnection({ name: 'taken-over' })
    await connection.use((db) => putRun(db, exampleRun('a')))
    const newer = await openDB('taken-over', databaseVersion + 1)
    const late = connection.use((db) => putRun(db, exampleRun('b')))
    await expect(late).rejects.toMatchObject({ code: 'storage-newer' })
    expect(await newer.getAllKeys('runs')).toEqual(['a'])
  })
})
