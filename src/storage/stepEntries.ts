import type { EntryState } from '../core/steps.ts'
import type { BunsenDatabase, StoredStep } from './databaseSchema.ts'
import { chunkRange } from './keyRanges.ts'
import { readSetting } from './settingsStore.ts'
import { transact } from './transact.ts'

export const stepBudgetKey = 'stepBudgetBytes'
const defaultBudgetBytes = 1_000_000_000

/** Bytes that entries may take, as set last; 0 keeps nothing. */
export async function stepBudget(db: BunsenDatabase): Promise<number> {
  const stored = await readSetting(db, stepBudgetKey)
  return typeof stored === 'number' && stored >= 0 ? stored : defaultBudgetBytes
}

export function isKept(
  stored: StoredStep | undefined,
): stored is StoredStep & { content: NonNullable<StoredStep['content']> } {
  return stored?.state === 'kept' && stored.content !== null
}

/** Deletes content and keeps the records, to tell later why it was made again. */
export async function giveUpSteps(
  db: BunsenDatabase,
  keys: readonly string[],
  state: EntryState,
): Promise<void> {
  if (keys.length === 0) return
  const what = { doing: 'giving up what steps made', isFreeing: true }
  await transact(db, ['steps', 'blobs'], what, async (tx) => {
    for (const key of keys) {
      const stored = await tx.objectStore('steps').get(key)
      if (!isKept(stored)) continue
      await tx.objectStore('blobs').delete(chunkRange(stored.content.contentId))
      await tx.objectStore('steps').put({ ...stored, content: null, state })
    }
  })
}
