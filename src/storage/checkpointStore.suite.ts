import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { setLogSink } from '../core/log.ts'
import { chunkBytes } from './content.ts'
import type { BunsenDatabase } from './database.ts'
import { listCheckpoints, loadCheckpoint, saveCheckpoint } from './checkpointStore.ts'
import { faultyDatabase, type Fault } from './faultyDatabase.ts'
import { deleteRun, putRun } from './runStore.ts'
import { exampleRun, openFresh, patternBytes } from './testRecords.ts'

const runId = 'run-a'
const plenty = { estimate: () => Promise.resolve({ usage: 0, quota: 1e12 }) }

function save(db: BunsenDatabase, step: number, bytes = patternBytes(5000, step)) {
  return saveCheckpoint(db, { runId, slot: 'latest', step, bytes }, plenty)
}

async function openWithRun(): Promise<BunsenDatabase> {
  const db = await openFresh()
  await putRun(db, exampleRun(runId))
  return db
}

async function newestBytes(db: BunsenDatabase) {
  return (await loadCheckpoint(db, runId, 'latest'))!.bytes
}

/** The same on the real IndexedDB and on the one in memory. */
export function describeCheckpointStore(): void {
  describe('the checkpoint store', () => {
    beforeAll(() => setLogSink(() => undefined))
    afterAll(() => setLogSink(null))

    test('gives back the bytes of a checkpoint of several pieces', async () => {
      const db = await openWithRun()
      const bytes = patternBytes(2 * chunkBytes + 77, 1)
      const info = await save(db, 7, bytes)
      expect(await db.count('blobs')).toBe(3)
      const loaded = await loadCheckpoint(db, runId, 'latest')
      expect(loaded).toMatchObject({ info, skipped: [] })
      expect(loaded!.info).toMatchObject({ step: 7, sizeBytes: bytes.length })
      expect(loaded!.bytes.length).toBe(bytes.length)
      expect(loaded!.bytes.every((byte, i) => byte === bytes[i])).toBe(true)
    })

    test('has nothing before the first save', async () => {
      expect(await loadCheckpoint(await openWithRun(), runId, 'latest')).toBeNull()
    })

    test('keeps two generations and removes older content', async () => {
      const db = await openWithRun()
      for (const step of [1, 2, 3, 4]) await save(db, step)
      expect((await db.getAll('checkpoints')).map(({ step }) => step)).toEqual([3, 4])
      expect(await db.count('blobs')).toBe(2)
      expect(await db.count('staging')).toBe(0)
    })

    test('lists the newest of each slot and run', async () => {
      const db = await openWithRun()
      await putRun(db, exampleRun('run-b'))
      for (const step of [1, 2]) await save(db, step)
      await saveCheckpoint(db, { runId, slot: 'best', step: 1, bytes: patternBytes(9, 0) }, plenty)
      await saveCheckpoint(db, { runId: 'run-b', slot: 'latest', step: 5, bytes: patternBytes(9, 0) }, plenty)
      const shown = (await listCheckpoints(db)).map((info) => `${info.runId} ${info.slot} ${info.step}`)
      expect(shown.sort()).toEqual(['run-a best 1', 'run-a latest 2', 'run-b latest 5'])
      expect(await listCheckpoints(db, 'run-b')).toHaveLength(1)
    })

    test('falls back to the generation before a damaged one, and says so', async () => {
      const db = await openWithRun()
      await save(db, 1)
      await save(db, 2)
      const { contentId } = (await db.getAll('checkpoints'))[1]!
      const damaged = patternBytes(5000, 2)
      damaged[4999]! ^= 1
      await db.put('blobs', damaged, [contentId, 0])
      const loaded = await loadCheckpoint(db, runId, 'latest')
      expect(loaded!.info.step).toBe(1)
      expect(loaded!.bytes).toEqual(patternBytes(5000, 1))
      expect(loaded!.skipped).toMatchObject([{ step: 2, problem: { code: 'content-corrupt' } }])
    })

    test('falls back when a piece of the newest is gone, and refuses when every generation is damaged', async () => {
      const db = await openWithRun()
      await save(db, 1)
      await save(db, 2)
      const [older, newer] = await db.getAll('checkpoints')
      await db.delete('blobs', [newer!.contentId, 0])
      expect((await loadCheckpoint(db, runId, 'latest'))!.info.step).toBe(1)
      await db.delete('blobs', [older!.contentId, 0])
      await expect(loadCheckpoint(db, runId, 'latest')).rejects.toMatchObject({ code: 'checkpoint-corrupt' })
    })

    test('refuses before writing when the space is too small, with sizes and what is kept', async () => {
      const db = await openWithRun()
      await save(db, 1)
      const full = { estimate: () => Promise.resolve({ usage: 990, quota: 1000 }) }
      const request = { runId, slot: 'latest', step: 2, bytes: patternBytes(5000, 2) } as const
      await expect(saveCheckpoint(db, request, full)).rejects.toMatchObject({
        code: 'quota-exceeded',
        message: expect.stringContaining('The checkpoint of step 1 is kept') as string,
        details: { neededBytes: 5000, freeBytes: 10 },
      })
      expect(await newestBytes(db)).toEqual(patternBytes(5000, 1))
    })

    const faults: Omit<Fault, 'error'>[] = (['request', 'commit'] as const).flatMap((at) => [
      { store: 'staging', count: 1, at },
      { store: 'blobs', count: 1, at },
      { store: 'blobs', count: 2, at },
      { store: 'blobs', count: 3, at },
      { store: 'staging', count: 4, at },
      { store: 'checkpoints', count: 1, at },
    ])
    test.each(faults)(
      'loses no finished checkpoint to a full disk at $store write $count ($at)',
      async (fault) => {
        const db = await openWithRun()
        await save(db, 1)
        await save(db, 2)
        const faulty = faultyDatabase(db, { ...fault, error: 'QuotaExceededError' })
        const bytes = patternBytes(2 * chunkBytes + 5, 3)
        const saving = saveCheckpoint(faulty, { runId, slot: 'latest', step: 3, bytes }, plenty)
        await expect(saving).rejects.toMatchObject({
          code: 'quota-exceeded',
          message: expect.stringMatching(/step 3 was not stored.*step 2 is kept/) as string,
        })
        expect((await db.getAll('checkpoints')).map(({ step }) => step)).toEqual([1, 2])
        expect(await newestBytes(db)).toEqual(patternBytes(5000, 2))
        expect(await db.count('blobs')).toBe(2)
        expect(await db.count('staging')).toBe(0)
        await save(db, 4)
        expect(await newestBytes(db)).toEqual(patternBytes(5000, 4))
      },
    )

    test('does not leave a checkpoint behind for a run that was deleted meanwhile', async () => {
      const db = await openWithRun()
      await save(db, 1)
      await deleteRun(db, runId)
      await expect(save(db, 2)).rejects.toMatchObject({ code: 'run-missing' })
      expect(await db.count('blobs')).toBe(0)
      expect(await db.count('checkpoints')).toBe(0)
    })

    test('brings an imported run and its checkpoint together or not at all', async () => {
      const db = await openFresh()
      const request = {
        runId,
        slot: 'latest',
        step: 3,
        bytes: patternBytes(10, 0),
        run: exampleRun(runId),
      } as const
      const fault = { store: 'checkpoints', count: 1, at: 'commit', error: 'QuotaExceededError' } as const
      await expect(saveCheckpoint(faultyDatabase(db, fault), request, plenty)).rejects.toMatchObject({
        code: 'quota-exceeded',
      })
      expect(await db.count('runs')).toBe(0)
      await saveCheckpoint(db, request, plenty)
      expect(await db.count('runs')).toBe(1)
    })
  })
}
