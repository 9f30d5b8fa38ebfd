import type { BunsenDatabase, LogChunk } from './databaseSchema.ts'
import { logRange } from './keyRanges.ts'
import { missingRun } from './storageErrors.ts'
import { attempt, transact } from './transact.ts'
import type { LogEntry } from './types.ts'

/**
 * Appends to the history of a run. Collect entries for a second or so: each call is one transaction.
 *
 * @throws StorageError `run-missing` where the run has been deleted: its history must not outlive it
 */
export async function appendEvents(
  db: BunsenDatabase,
  runId: string,
  entries: readonly LogEntry[],
): Promise<void> {
  if (entries.length === 0) return
  await transact(db, ['runs', 'log'], "adding to the run's log", async (tx) => {
    if ((await tx.objectStore('runs').getKey(runId)) === undefined) throw missingRun(runId)
    const last = await tx.objectStore('log').openKeyCursor(logRange(runId), 'prev')
    const sequence = last ? last.key[1] + 1 : 0
    await tx.objectStore('log').put({ runId, sequence, entries: [...entries] })
  })
}

/** The whole history, in the order in which it was appended. Entries that cannot be read are left out. */
export async function readEvents(db: BunsenDatabase, runId: string): Promise<LogEntry[]> {
  const chunks = await attempt("reading the run's log", () => db.getAll('log', logRange(runId)))
  return chunks.flatMap(soundEntries)
}

/** Drops what came after a step: a resumed run tells it again. Entries of that step itself stay. */
export async function truncateAfter(db: BunsenDatabase, runId: string, step: number): Promise<void> {
  await transact(db, ['log'], "shortening the run's log", async (tx) => {
    for (const chunk of await tx.objectStore('log').getAll(logRange(runId))) {
      const entries = soundEntries(chunk)
      const kept = entries.filter((entry) => entry.step <= step)
      if (kept.length === entries.length) continue
      if (kept.length > 0) await tx.objectStore('log').put({ ...chunk, entries: kept })
      else await tx.objectStore('log').delete([chunk.runId, chunk.sequence])
    }
  })
}

function soundEntries(chunk: LogChunk): LogEntry[] {
  const entries: unknown = chunk.entries
  return Array.isArray(entries) ? entries.filter(isLogEntry) : []
}

function isLogEntry(entry: unknown): entry is LogEntry {
  return typeof entry === 'object' && entry !== null && typeof (entry as LogEntry).step === 'number'
}
