import { readAsked } from '../storage/askedStore.ts'
import { readHandles } from '../storage/handleStore.ts'
import type { JsonValue } from '../storage/checkpoint.ts'
import { listCheckpoints, listKept, loadCheckpoint } from '../storage/checkpointStore.ts'
import { createConnection } from '../storage/connection.ts'
import { listDatasets } from '../storage/datasetStore.ts'
import { readEvents } from '../storage/logStore.ts'
import { requestPersistence, storageEstimate } from '../storage/quota.ts'
import { newRunId } from '../storage/runId.ts'
import { listRuns, type ListedRun, type RunPatch } from '../storage/runStore.ts'
import { listTokenizers } from '../storage/tokenizerStore.ts'
import type { CheckpointInfo, DatasetManifest, LogEntry, TokenizerManifest } from '../storage/types.ts'
import { StorageError } from '../core/errors.ts'
import type { DataWorkerApi } from '../../workers/protocol.ts'

/** What the page does with storage; the stores themselves are in `src/storage`. */
export interface Storage {
  /** Rows as they are stored: configs of any version, statuses of runs whose tab is gone. */
  listRuns(): Promise<ListedRun[]>
  /** Ids of runs that some tab is training now; null when the browser does not tell. */
  liveRuns(): Promise<Set<string> | null>
  patchRun(id: string, change: RunPatch): Promise<void>
  deleteRun(id: string): Promise<void>
  newRunId(): string
  readEvents(runId: string): Promise<LogEntry[]>
  listCheckpoints(runId: string): Promise<CheckpointInfo[]>
  /** All that is kept, of each step once, the latest first. */
  listKept(runId: string): Promise<CheckpointInfo[]>
  loadCheckpoint(
    runId: string,
    slot: 'latest' | 'best',
  ): Promise<{ bytes: Uint8Array<ArrayBuffer>; step: number }>
  listDatasets(): Promise<DatasetManifest[]>
  renameDataset(sha256: string, name: string): Promise<void>
  deleteDataset(sha256: string): Promise<void>
  /** What a set’s checks were told; undefined where nothing was kept. */
  readAsked(sha256: string): Promise<unknown>
  keepAsked(sha256: string, asked: JsonValue): Promise<void>
  readHandles(sha256: string): Promise<FileSystemHandle[]>
  listTokenizers(): Promise<TokenizerManifest[]>
  space(): Promise<{ usedBytes: number; quotaBytes: number; isPersistent: boolean } | null>
  /** Asks the browser not to evict what is stored; once, when there is something to lose. */
  persist(): Promise<boolean>
}

/** Changes go through a worker, which sees a full disk before it touches the database. */
type Writer = Pick<DataWorkerApi, 'patchRun' | 'deleteRun' | 'renameDataset' | 'deleteDataset' | 'keepAsked'>

/** `report` hears of what happens to the database behind the page's back: another version, eviction. */
export async function openStorage(writer: Writer, report: (error: unknown) => void): Promise<Storage> {
  const { get, use } = createConnection({
    isReader: true,
    onBlocked: report,
    // An ended connection is opened anew, and then nothing has happened that a person could see.
    onLost: (error) => error.code !== 'storage-terminated' && report(error),
  })
  await get()
  return {
    listRuns: () => use(listRuns),
    liveRuns,
    patchRun: (id, change) => writer.patchRun(id, change),
    deleteRun: (id) => writer.deleteRun(id),
    newRunId: () => newRunId(Date.now(), crypto.getRandomValues(new Uint8Array(8))),
    readEvents: (runId) => use((db) => readEvents(db, runId)),
    listKept: (runId) => use((db) => listKept(db, runId)),
    listCheckpoints: (runId) => use((db) => listCheckpoints(db, runId)),
    async loadCheckpoint(runId, slot) {
      const loaded = await use((db) => loadCheckpoint(db, runId, slot))
      if (loaded) {
        for (const { step, problem } of loaded.skipped) {
          const message = `The checkpoint of step ${step} is damaged; the one of step ${loaded.info.step} was taken`
          report(new StorageError(message, { code: 'checkpoint-corrupt', remedy: problem.message }))
        }
        return { bytes: loaded.bytes, step: loaded.info.step }
      }
      throw new StorageError(`This run has no ${slot} checkpoint yet`, {
        code: 'checkpoint-missing',
        remedy: 'Let it train until its first checkpoint, or press Checkpoint.',
      })
    },
    listDatasets: () => use(listDatasets),
    renameDataset: (sha256, name) => writer.renameDataset(sha256, name),
    deleteDataset: (sha256) => writer.deleteDataset(sha256),
    readAsked: (sha256) => use((db) => readAsked(db, sha256)),
    readHandles: (sha256) => use((db) => readHandles(db, sha256)),
    keepAsked: (sha256, asked) => writer.keepAsked(sha256, asked),
    listTokenizers: () => use(listTokenizers),
    async space() {
      const use = await storageEstimate()
      return use && { usedBytes: use.usedBytes, quotaBytes: use.quotaBytes, isPersistent: use.isPersisted }
    },
    persist: () => requestPersistence(),
  }
}

/** Whoever trains a run holds a lock of this name; the worker's side is `workers/runLock.ts`. */
const lockPrefix = 'bunsen-run-'

async function liveRuns(): Promise<Set<string> | null> {
  if (!('locks' in navigator)) return null
  const { held = [] } = await navigator.locks.query()
  const names = held.map((lock) => lock.name ?? '').filter((name) => name.startsWith(lockPrefix))
  return new Set(names.map((name) => name.slice(lockPrefix.length)))
}
