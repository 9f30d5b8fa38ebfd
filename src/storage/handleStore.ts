import type { BunsenDatabase } from './databaseSchema.ts'
import { attempt, transact } from './transact.ts'

/** Under which setting it is kept where a set lies on the person's disk; the setting goes with the set. */
export function handlesKey(sha256: string): string {
  return `handles/${sha256}`
}

/** Files and folders that a set was dropped as; none where the browser gave no handles. */
export async function readHandles(db: BunsenDatabase, sha256: string): Promise<FileSystemHandle[]> {
  const kept: unknown = await attempt('reading where the data set lies', () =>
    db.get('settings', handlesKey(sha256)),
  )
  return Array.isArray(kept) ? kept.filter((handle) => handle instanceof FileSystemHandle) : []
}

/** Takes the place of those that were kept before. */
export async function keepHandles(
  db: BunsenDatabase,
  sha256: string,
  handles: readonly FileSystemHandle[],
): Promise<void> {
  await transact(db, ['settings'], 'keeping where the data set lies', (tx) =>
    tx.objectStore('settings').put(handles, handlesKey(sha256)),
  )
}
