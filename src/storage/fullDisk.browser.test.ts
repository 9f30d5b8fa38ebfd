import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { loadCheckpoint, saveCheckpoint } from './checkpointStore.ts'
import { saveDataset } from './datasetStore.ts'
import { storageEstimate, type StorageSource } from './quota.ts'
import { putRun } from './runStore.ts'
import { exampleManifest, exampleRun, openFresh, patternBytes } from './testRecords.ts'

const megabyte = 1024 * 1024
const quotaBytes = 12 * megabyte
/** Makes the quota itself the judge: nothing is refused beforehand. */
const unasked = null

/** Chromium's Storage Buckets: a part of the origin's storage with a quota and an IndexedDB of its own. */
interface Bucket extends StorageSource {
  indexedDB: IDBFactory
}
interface Buckets {
  open(name: string, options: { quota: number }): Promise<Bucket>
  delete(name: string): Promise<void>
}
const buckets = (navigator as Navigator & { storageBuckets?: Buckets }).storageBuckets

let bucket: Bucket
let opened = 0

/** Skipped where a browser cannot be given a small disk. */
describe.skipIf(!buckets)('a disk that is really full', () => {
  beforeEach(async () => {
    // Each test has its own: to delete one breaks off what the test before has not quite finished.
    const name = `small-${++opened}`
    await buckets!.delete(name)
    bucket = await buckets!.open(name, { quota: quotaBytes })
    vi.stubGlobal('indexedDB', bucket.indexedDB)
  })
  afterEach(() => vi.unstubAllGlobals())

  test('refuses a checkpoint in the middle of writing and keeps the one before', async () => {
    const db = await openFresh()
    await putRun(db, exampleRun('a'))
    const first = patternBytes(megabyte, 1)
    await saveCheckpoint(db, { runId: 'a', slot: 'latest', step: 1, bytes: first }, unasked)
    const request = { runId: 'a', slot: 'latest', step: 2, bytes: patternBytes(20 * megabyte, 2) } as const
    await expect(saveCheckpoint(db, request, unasked)).rejects.toMatchObject({
      name: 'StorageError',
      code: 'quota-exceeded',
      message: expect.stringContaining('The checkpoint of step 1 is kept') as string,
    })
    const loaded = await loadCheckpoint(db, 'a', 'latest')
    expect(loaded!.info.step).toBe(1)
    expect(loaded!.bytes.every((byte, i) => byte === first[i])).toBe(true)
    expect([await db.count('checkpoints'), await db.count('blobs')]).toEqual([1, 1])
  })

  test('is seen before the first byte where the browser is asked', async () => {
    const db = await openFresh()
    await putRun(db, exampleRun('a'))
    expect(await storageEstimate(bucket)).toMatchObject({ quotaBytes })
    const request = { runId: 'a', slot: 'latest', step: 2, bytes: new Uint8Array(20 * megabyte) } as const
    await expect(saveCheckpoint(db, request, bucket)).rejects.toMatchObject({
      code: 'quota-exceeded',
      details: { neededBytes: 20 * megabyte, quotaBytes },
    })
    expect(await db.count('staging')).toBe(0)
  })

  test('leaves nothing of a data set that did not fit', async () => {
    const db = await openFresh()
    const options = { expectedBytes: 0, describe: exampleManifest, storage: unasked }
    await expect(saveDataset(db, [patternBytes(20 * megabyte, 3)], options)).rejects.toMatchObject({
      code: 'quota-exceeded',
    })
    expect([await db.count('datasets'), await db.count('blobs')]).toEqual([0, 0])
  })
})
