import { readBranchOrigin } from '../core/branch.ts'
import { StorageError, toPlainError, type PlainError } from '../core/errors.ts'
import type { BunsenDatabase } from './databaseSchema.ts'
import { checkpointRange, chunkRange, logRange } from './keyRanges.ts'
import { missingRun } from './storageErrors.ts'
import { isNumber, isRecord, isText } from '../core/predicates.ts'
import { attempt, transact } from './transact.ts'
import type { RunRecord } from './types.ts'

/** A run as it lies in the database: the config may be of an older version; `core/migrate` and the schema come next. */
export type StoredRun = Omit<RunRecord, 'config'> & { config: unknown }

/** One row of the list. A record that cannot be read is listed, so that it can be seen and deleted. */
export type ListedRun =
  { kind: 'run'; run: StoredRun } | { kind: 'broken'; id: string; raw: unknown; problem: PlainError }

export type RunPatch = Partial<Omit<RunRecord, 'id' | 'version' | 'createdAt'>>

/** Stores a run, replacing the one of the same id. */
export async function putRun(db: BunsenDatabase, run: StoredRun): Promise<void> {
  await transact(db, ['runs'], `saving the run "${run.name}"`, (tx) => tx.objectStore('runs').put(run))
}

/**
 * Changes fields of a run in one transaction: writers in several tabs do not undo each other's fields.
 *
 * @returns the changed run
 * @throws StorageError `run-missing`, `run-broken`
 */
export function patchRun(db: BunsenDatabase, id: string, patch: RunPatch): Promise<StoredRun> {
  return transact(db, ['runs'], 'changing the run', async (tx) => {
    const run = checkRun(await tx.objectStore('runs').get(id), id)
    const changed: StoredRun = { ...run, updatedAt: Date.now(), ...patch }
    await tx.objectStore('runs').put(changed)
    return changed
  })
}

/** @throws StorageError `run-missing`, `run-broken`, `run-newer` */
export async function getRun(db: BunsenDatabase, id: string): Promise<StoredRun> {
  return checkRun(await attempt('reading the run', () => db.get('runs', id)), id)
}

/** All runs, newest first; broken ones last. */
export async function listRuns(db: BunsenDatabase): Promise<ListedRun[]> {
  const raws = await attempt('listing the runs', () => db.getAll('runs'))
  return raws.map(listed).sort((a, b) => createdAt(b) - createdAt(a))
}

/** The series colour (0 to 7) that the fewest stored runs have, the lowest of them: neighbours do not look alike. */
export async function nextColor(db: BunsenDatabase): Promise<number> {
  const counts = new Array<number>(8).fill(0)
  for (const entry of await listRuns(db)) if (entry.kind === 'run') counts[entry.run.color % 8]!++
  return counts.indexOf(Math.min(...counts))
}

/** Removes a run with its log and checkpoints, in one transaction. A run that is not there is no error. */
export async function deleteRun(db: BunsenDatabase, id: string): Promise<void> {
  const what = { doing: 'deleting the run', isFreeing: true }
  await transact(db, ['runs', 'log', 'checkpoints', 'blobs'], what, async (tx) => {
    const checkpoints = await tx.objectStore('checkpoints').getAll(checkpointRange(id))
    for (const { contentId } of checkpoints) await tx.objectStore('blobs').delete(chunkRange(contentId))
    await tx.objectStore('checkpoints').delete(checkpointRange(id))
    await tx.objectStore('log').delete(logRange(id))
    await tx.objectStore('runs').delete(id)
  })
}

function listed(raw: unknown): ListedRun {
  const id = String((raw as { id?: unknown }).id)
  try {
    return { kind: 'run', run: checkRun(raw, id) }
  } catch (error) {
    return { kind: 'broken', id, raw, problem: toPlainError(error) }
  }
}

function createdAt(row: ListedRun): number {
  return row.kind === 'run' ? row.run.createdAt : -Infinity
}

const statuses: readonly unknown[] = [
  'preparing',
  'running',
  'paused',
  'done',
  'stopped',
  'failed',
  'interrupted',
]
const isTextOrNull = (value: unknown) => value === null || typeof value === 'string'
const isRecordOrNull = (value: unknown) => value === null || isRecord(value)

/** What the page relies on when it draws a row. */
const checks: Record<keyof RunRecord, (value: unknown) => boolean> = {
  id: isText,
  version: (value) => value === 1,
  name: isText,
  createdAt: isNumber,
  updatedAt: isNumber,
  status: (value) => statuses.includes(value),
  config: isRecord,
  preset: isTextOrNull,
  parent: isTextOrNull,
  certificate: (value) => value === undefined || isText(value),
  branch: (value) => readBranchOrigin(value) !== undefined,
  step: isNumber,
  totalSteps: isNumber,
  elapsedMs: isNumber,
  latest: (value) => isRecord(value) && Object.values(value).every((entry) => typeof entry === 'number'),
  best: isRecordOrNull,
  device: isRecordOrNull,
  codeVersion: isText,
  error: isRecordOrNull,
  color: isNumber,
  isVisible: (value) => typeof value === 'boolean',
  note: isText,
  tags: (value) => Array.isArray(value) && value.every(isText),
}

function checkRun(raw: unknown, id: string): StoredRun {
  if (raw === undefined) throw missingRun(id)
  const record = isRecord(raw) ? raw : {}
  const version = record['version']
  if (typeof version === 'number' && version > 1) {
    throw new StorageError(
      `storage: run ${id} is of version ${version}, this Bunsen reads up to 1; it is kept`,
      {
        code: 'run-newer',
        remedy: 'Reload the page to get the newer Bunsen.',
        details: { id, version },
      },
    )
  }
  for (const [field, isSound] of Object.entries(checks)) {
    if (isSound(record[field])) continue
    throw new StorageError(`storage: run ${id} has a broken field "${field}"; it is kept as it is`, {
      code: 'run-broken',
      remedy: 'Its checkpoints can still be downloaded; otherwise delete the run.',
      details: { id, field },
    })
  }
  return raw as StoredRun
}
