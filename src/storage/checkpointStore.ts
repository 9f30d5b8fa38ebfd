import { BunsenError, StorageError, toPlainError, type PlainError } from '../core/errors.ts'
import { log } from '../core/log.ts'
import { claimStaged, createContentWriter, readWholeContent } from './content.ts'
import type { BunsenDatabase, CheckpointRecord } from './databaseSchema.ts'
import { digestHex } from './digest.ts'
import { checkpointRange, chunkRange } from './keyRanges.ts'
import { ensureSpace, type StorageSource } from './quota.ts'
import type { StoredRun } from './runStore.ts'
import { missingRun, notStored } from './storageErrors.ts'
import { attempt, transact } from './transact.ts'
import type { CheckpointInfo } from './types.ts'

/** The newest and the one before it: a damaged newest never leaves a run with nothing. */
const keptGenerations = 2

export type CheckpointSlot = CheckpointInfo['slot']

export interface SaveRequest {
  runId: string
  slot: CheckpointSlot
  step: number
  /** The file; must not change until the save has ended. */
  bytes: Uint8Array
  /** Stored in the same transaction as the checkpoint: an imported checkpoint and its run come together or not at all. */
  run?: StoredRun
}

export interface LoadedCheckpoint {
  info: CheckpointInfo
  bytes: Uint8Array<ArrayBuffer>
  /** Newer generations that are damaged and were passed over; tell the person. */
  skipped: { step: number; problem: PlainError }[]
}

/**
 * Saves a checkpoint as a new generation: space is asked for, the content written and read back piece by piece, then
 * in one transaction the record that points to it, and only then the generation before the last goes. Whatever fails
 * on the way, both earlier generations are untouched.
 *
 * @param storage where to ask for space; the browser's by default
 * @throws StorageError `quota-exceeded` with sizes and the step that is kept, `run-missing`, `storage-…`
 */
export async function saveCheckpoint(
  db: BunsenDatabase,
  request: SaveRequest,
  storage?: StorageSource | null,
): Promise<CheckpointInfo> {
  const { runId, slot, step, bytes } = request
  const before = (await generations(db, runId, slot))[0]
  const kept = before
    ? `The checkpoint of step ${before.step} is kept.`
    : 'There was no earlier checkpoint to lose.'
  try {
    await ensureSpace(bytes.length, kept, storage)
    const sha256 = await digestHex(bytes)
    const info = { runId, slot, step, sizeBytes: bytes.length, sha256, createdAt: Date.now() }
    await storeGeneration(db, request, info)
    await prune(db, runId, slot)
    return info
  } catch (error) {
    throw notStored(error, `The checkpoint of step ${step}`, {
      kept,
      details: { step, neededBytes: bytes.length },
    })
  }
}

/**
 * The newest generation that is whole: size and SHA-256 are compared with what was written.
 *
 * @returns null where none was ever saved
 * @throws StorageError `checkpoint-corrupt` where every generation is damaged
 */
export async function loadCheckpoint(
  db: BunsenDatabase,
  runId: string,
  slot: CheckpointSlot,
): Promise<LoadedCheckpoint | null> {
  const skipped: LoadedCheckpoint['skipped'] = []
  for (const record of await generations(db, runId, slot)) {
    try {
      const bytes = await attempt('reading the checkpoint', () => readWholeContent(db, record))
      return { info: infoOf(record), bytes, skipped }
    } catch (error) {
      if (!(error instanceof BunsenError) || error.code !== 'content-corrupt') throw error
      log('warn', 'storage', `checkpoint ${runId}/${slot} of step ${record.step}: ${error.message}`)
      skipped.push({ step: record.step, problem: toPlainError(error) })
    }
  }
  if (skipped.length === 0) return null
  const steps = skipped.map(({ step }) => step).join(' and ')
  throw new StorageError(`storage: the ${slot} checkpoint of run ${runId} is damaged, at steps ${steps}`, {
    code: 'checkpoint-corrupt',
    remedy: 'Use the other checkpoint of the run, or a file that you downloaded.',
    details: { runId, slot },
  })
}

/**
 * What is kept of one step, in whichever slot it is whole.
 *
 * @returns null where nothing is kept of that step
 * @throws StorageError `checkpoint-corrupt`
 */
export async function loadKeptCheckpoint(
  db: BunsenDatabase,
  runId: string,
  step: number,
): Promise<LoadedCheckpoint | null> {
  let damage: BunsenError | null = null
  for (const slot of ['latest', 'best'] as const) {
    for (const record of await generations(db, runId, slot)) {
      if (record.step !== step) continue
      try {
        const bytes = await attempt('reading the checkpoint', () => readWholeContent(db, record))
        return { info: infoOf(record), bytes, skipped: [] }
      } catch (error) {
        if (!(error instanceof BunsenError) || error.code !== 'content-corrupt') throw error
        damage = error
      }
    }
  }
  if (damage === null) return null
  throw new StorageError(`storage: the checkpoint of step ${step} of run ${runId} is damaged`, {
    code: 'checkpoint-corrupt',
    remedy: 'Use another checkpoint of the run.',
    details: { runId, step },
    cause: damage,
  })
}

/** All that is kept of a run, of each step once, the latest step first. Contents are not read. */
export async function listKept(db: BunsenDatabase, runId: string): Promise<CheckpointInfo[]> {
  const kept = [...(await generations(db, runId, 'best')), ...(await generations(db, runId, 'latest'))]
  const byStep = new Map(kept.map((record) => [record.step, infoOf(record)]))
  return [...byStep.values()].sort((a, b) => b.step - a.step)
}

/** The newest generation of each slot, of one run or of all. Contents are not read. */
export async function listCheckpoints(db: BunsenDatabase, runId?: string): Promise<CheckpointInfo[]> {
  const range = runId === undefined ? undefined : checkpointRange(runId)
  const records = await attempt('listing checkpoints', () => db.getAll('checkpoints', range))
  const newest = new Map(records.map((record) => [`${record.runId}/${record.slot}`, record]))
  return [...newest.values()].map(infoOf)
}

async function storeGeneration(
  db: BunsenDatabase,
  request: SaveRequest,
  info: CheckpointInfo,
): Promise<void> {
  const { runId, slot, bytes, run } = request
  const writer = await createContentWriter(db, info.sha256)
  try {
    await writer.write(bytes)
    const { contentId, chunkCount } = await writer.finish()
    await transact(db, ['runs', 'checkpoints', 'staging'], 'saving the checkpoint', async (tx) => {
      if (run) await tx.objectStore('runs').put(run)
      else if ((await tx.objectStore('runs').getKey(runId)) === undefined) throw missingRun(runId)
      await claimStaged(tx.objectStore('staging'), contentId)
      const last = await tx.objectStore('checkpoints').openKeyCursor(checkpointRange(runId, slot), 'prev')
      const generation = last ? last.key[2] + 1 : 0
      await tx.objectStore('checkpoints').put({ ...info, generation, contentId, chunkCount })
    })
  } catch (error) {
    await writer.abort()
    throw error
  }
}

/** The new checkpoint is safe already: what cannot be removed now goes with the next save. */
async function prune(db: BunsenDatabase, runId: string, slot: CheckpointSlot): Promise<void> {
  try {
    const what = { doing: 'removing an old checkpoint', isFreeing: true }
    await transact(db, ['checkpoints', 'blobs'], what, async (tx) => {
      const all = await tx.objectStore('checkpoints').getAll(checkpointRange(runId, slot))
      for (const { generation, contentId } of all.slice(0, -keptGenerations)) {
        await tx.objectStore('blobs').delete(chunkRange(contentId))
        await tx.objectStore('checkpoints').delete([runId, slot, generation])
      }
    })
  } catch (error) {
    log('warn', 'storage', `an old checkpoint of run ${runId} stays for now`, error)
  }
}

/** Newest first. */
async function generations(
  db: BunsenDatabase,
  runId: string,
  slot: CheckpointSlot,
): Promise<CheckpointRecord[]> {
  const all = await attempt('reading checkpoints', () =>
    db.getAll('checkpoints', checkpointRange(runId, slot)),
  )
  return all.reverse()
}

function infoOf({ runId, slot, step, sizeBytes, sha256, createdAt }: CheckpointRecord): CheckpointInfo {
  return { runId, slot, step, sizeBytes, sha256, createdAt }
}
