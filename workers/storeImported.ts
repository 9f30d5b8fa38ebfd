import type { BranchOrigin } from '../src/core/branch.ts'
import { totalStepsOf, type RunConfig } from '../src/core/runConfig.ts'
import type { RunProgress } from '../src/engine/training/runContext.ts'
import { saveCheckpoint } from '../src/storage/checkpointStore.ts'
import type { BunsenDatabase } from '../src/storage/database.ts'
import { appendEvents } from '../src/storage/logStore.ts'
import { newRunId } from '../src/storage/runId.ts'
import { nextColor } from '../src/storage/runStore.ts'

interface Imported {
  /** Of the dropped file, as it may be shown. */
  readonly fileName: string
  readonly name: string
  readonly config: RunConfig
  readonly progress: RunProgress
  /** A whole checkpoint. */
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly branch: BranchOrigin | null
  /** What people should know of it: events of the run. */
  readonly notices: readonly string[]
}

/** Stores a dropped file as a run that can be continued, with one checkpoint; gives its id. @throws StorageError */
export async function storeImported(
  db: BunsenDatabase,
  { fileName, name, config, progress, bytes, branch, notices }: Imported,
): Promise<string> {
  const now = Date.now()
  const runId = newRunId(now, crypto.getRandomValues(new Uint8Array(8)))
  const { step, latest, elapsedMs } = progress
  await saveCheckpoint(db, {
    runId,
    slot: 'latest',
    step,
    bytes,
    run: {
      id: runId,
      version: 1,
      name,
      createdAt: now,
      updatedAt: now,
      status: step >= totalStepsOf(config) ? 'done' : 'stopped',
      config,
      preset: null,
      parent: null,
      ...(branch && { branch }),
      step,
      totalSteps: totalStepsOf(config),
      elapsedMs,
      latest,
      best: progress.best,
      device: null,
      codeVersion: '',
      error: null,
      color: await nextColor(db),
      isVisible: true,
      note: `Imported from ${fileName}`,
      tags: [],
    },
  })
  await appendEvents(db, runId, [
    ...notices.map((detail) => ({
      step,
      event: { type: 'notice', step, level: 'info', title: `Imported from ${fileName}`, detail },
    })),
    ...(Object.keys(latest).length === 0
      ? []
      : [{ step, event: { type: 'metrics', step, values: latest, elapsedMs } }]),
    { step, event: { type: 'checkpoint', step, slot: 'latest', sizeBytes: bytes.length } },
  ])
  return runId
}
