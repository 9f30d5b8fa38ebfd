import { describe, expect, test } from 'vitest'
import { saveCheckpoint } from './checkpointStore.ts'
import { appendEvents, readEvents, truncateAfter } from './logStore.ts'
import { deleteRun, getRun, listRuns, nextColor, patchRun, putRun } from './runStore.ts'
import { exampleRun, openFresh } from './testRecords.ts'

const entries = (...steps: number[]) => steps.map((step) => ({ step, event: { type: 'sample', step } }))

/** The same on the real IndexedDB and on the one in memory. */
export function describeRunStore(): void {
  describe('the run store', () => {
    test('lists runs newest first, as they were stored', async () => {
      const db = await openFresh()
      for (const [id, createdAt] of Object.entries({ a: 10, b: 30, c: 20 }))
        await putRun(db, exampleRun(id, { createdAt }))
      const rows = await listRuns(db)
      expect(rows.map((row) => row.kind === 'run' && row.run.id)).toEqual(['b', 'c', 'a'])
      expect(await getRun(db, 'c')).toEqual(exampleRun('c', { createdAt: 20 }))
    })

    test('keeps both of two patches that are made at once', async () => {
      const db = await openFresh()
      await putRun(db, exampleRun('a'))
      await Promise.all([
        patchRun(db, 'a', { name: 'renamed' }),
        patchRun(db, 'a', { step: 12, updatedAt: 5 }),
      ])
      expect(await getRun(db, 'a')).toMatchObject({ name: 'renamed', step: 12 })
    })

    test('gives each new run the series colour that the fewest have', async () => {
      const db = await openFresh()
      expect(await nextColor(db)).toBe(0)
      for (let i = 0; i < 9; i++) await putRun(db, exampleRun(`run-${i}`, { color: i % 8 }))
      expect(await nextColor(db)).toBe(1)
      await deleteRun(db, 'run-5')
      expect(await nextColor(db)).toBe(5)
    })

    test('refuses to patch or read a run that is not there', async () => {
      const db = await openFresh()
      await expect(patchRun(db, 'gone', { step: 1 })).rejects.toMatchObject({ code: 'run-missing' })
      await expect(getRun(db, 'gone')).rejects.toMatchObject({ code: 'run-missing' })
      await expect(appendEvents(db, 'gone', entries(1))).rejects.toMatchObject({ code: 'run-missing' })
      expect(await db.count('runs')).toBe(0)
      expect(await db.count('log')).toBe(0)
    })

    test('lists a broken or newer record instead of failing, and keeps it', async () => {
      const db = await openFresh()
      await putRun(db, exampleRun('good'))
      await db.put('runs', { id: 'torn' })
      await db.put('runs', { ...exampleRun('odd'), latest: { loss: 'low' } })
      await db.put('runs', { ...exampleRun('newer'), version: 2 })
      const rows = await listRuns(db)
      expect(rows[0]).toMatchObject({ kind: 'run', run: { id: 'good' } })
      const broken = rows.flatMap((row) => (row.kind === 'broken' ? [`${row.id} ${row.problem.code}`] : []))
      expect(broken.sort()).toEqual(['newer run-newer', 'odd run-broken', 'torn run-broken'])
      await expect(patchRun(db, 'newer', { step: 1 })).rejects.toMatchObject({ code: 'run-newer' })
      expect(await db.get('runs', 'newer')).toMatchObject({ version: 2, step: 0 })
    })

    test('gives the config of an older record raw, for the migration', async () => {
      const db = await openFresh()
      await putRun(db, exampleRun('old', { config: { version: 0, lr: 1 } }))
      expect((await getRun(db, 'old')).config).toEqual({ version: 0, lr: 1 })
    })

    test('appends to the log in order, apart for each run', async () => {
      const db = await openFresh()
      await putRun(db, exampleRun('a'))
      await putRun(db, exampleRun('ab'))
      await appendEvents(db, 'a', entries(1, 2))
      await appendEvents(db, 'ab', entries(9))
      await appendEvents(db, 'a', entries(3))
      expect(await readEvents(db, 'a')).toEqual(entries(1, 2, 3))
      expect(await readEvents(db, 'ab')).toEqual(entries(9))
    })

    test('drops the log after a step, also within one append, and goes on from there', async () => {
      const db = await openFresh()
      await putRun(db, exampleRun('a'))
      await putRun(db, exampleRun('b'))
      for (const steps of [
        [1, 2],
        [3, 4],
        [5, 6],
      ])
        await appendEvents(db, 'a', entries(...steps))
      await appendEvents(db, 'b', entries(7))
      await truncateAfter(db, 'a', 3)
      expect(await readEvents(db, 'a')).toEqual(entries(1, 2, 3))
      await appendEvents(db, 'a', entries(4))
      expect(await readEvents(db, 'a')).toEqual(entries(1, 2, 3, 4))
      expect(await readEvents(db, 'b')).toEqual(entries(7))
    })

    test('deletes a run with its log and checkpoints, and nothing of a run with a similar id', async () => {
      const db = await openFresh()
      for (const id of ['a', 'ab']) {
        await putRun(db, exampleRun(id))
        await appendEvents(db, id, entries(1))
        await saveCheckpoint(db, { runId: id, slot: 'latest', step: 1, bytes: new Uint8Array(10) })
        await saveCheckpoint(db, { runId: id, slot: 'best', step: 1, bytes: new Uint8Array(10) })
      }
      await deleteRun(db, 'a')
      const counts = await Promise.all(
        (['runs', 'log', 'checkpoints', 'blobs'] as const).map((store) => db.count(store)),
      )
      expect(counts).toEqual([1, 1, 2, 2])
      expect(await readEvents(db, 'ab')).toEqual(entries(1))
    })
  })
}
