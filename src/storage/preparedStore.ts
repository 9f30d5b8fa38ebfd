import { StorageError } from '../core/errors.ts'
import { log } from '../core/log.ts'
import type { BunsenDatabase } from './databaseSchema.ts'
import { attempt, transact } from './transact.ts'
import type { Part, Prepared } from '../core/prepared.ts'

/** What the cache may hold; the least recently used goes first. */
export const preparedBudgetBytes = 1_000_000_000

/**
 * Keeps token arrays for the next run. It is a cache: a full disk is no failure.
 *
 * @returns whether it was kept
 */
export async function savePrepared(
  db: BunsenDatabase,
  prepared: Prepared,
  { budgetBytes = preparedBudgetBytes, nowMs = Date.now() } = {},
): Promise<boolean> {
  const { key, sizeBytes } = prepared
  if (sizeBytes > budgetBytes) return false
  try {
    const what = { doing: 'caching tokens', bytes: sizeBytes }
    await transact(db, ['prepared', 'preparedUse'], what, async (tx) => {
      const others = (await tx.objectStore('preparedUse').getAll()).filter((use) => use.key !== key)
      let totalBytes = others.reduce((sum, use) => sum + use.sizeBytes, sizeBytes)
      for (const use of others.sort((a, b) => a.usedAt - b.usedAt)) {
        if (totalBytes <= budgetBytes) break
        await tx.objectStore('prepared').delete(use.key)
        await tx.objectStore('preparedUse').delete(use.key)
        totalBytes -= use.sizeBytes
      }
      await tx.objectStore('prepared').put(prepared)
      await tx.objectStore('preparedUse').put({ key, sizeBytes, usedAt: nowMs })
    })
    return true
  } catch (error) {
    if (!(error instanceof StorageError) || !isFull(error)) throw error
    log('warn', 'storage', 'no room to cache tokens; they will be made again', error.message)
    return false
  }
}

/** Token arrays from the cache, or null where they must be made. */
export async function loadPrepared(
  db: BunsenDatabase,
  key: string,
  nowMs: number = Date.now(),
): Promise<Prepared | null> {
  const prepared = await attempt('reading cached tokens', () => db.get('prepared', key))
  if (prepared === undefined || !isSound(prepared)) return null
  // A cache that cannot note its use is still a cache.
  await touch(db, prepared, nowMs).catch((error: unknown) => log('warn', 'storage', 'use not noted', error))
  return prepared
}

/** Empties the cache and gives back its space. */
export async function clearPrepared(db: BunsenDatabase): Promise<void> {
  const what = { doing: 'emptying the cache', isFreeing: true }
  await transact(db, ['prepared', 'preparedUse'], what, async (tx) => {
    await tx.objectStore('prepared').clear()
    await tx.objectStore('preparedUse').clear()
  })
}

function touch(db: BunsenDatabase, { key, sizeBytes }: Prepared, nowMs: number): Promise<unknown> {
  return transact(db, ['preparedUse'], 'noting the use of cached tokens', (tx) =>
    tx.objectStore('preparedUse').put({ key, sizeBytes, usedAt: nowMs }),
  )
}

function isFull({ code }: StorageError): boolean {
  return code === 'quota-exceeded' || code === 'disk-failed'
}

/** What an older version stored is made anew. */
function isSound({ train, validation, coding }: Partial<Prepared>): boolean {
  const isPart = (part: Partial<Part> | undefined) =>
    Number.isInteger(part?.count) &&
    typeof part?.arrays === 'object' &&
    Object.values(part.arrays).every((array) => ArrayBuffer.isView(array))
  return isPart(train) && isPart(validation) && typeof coding?.facts === 'object'
}
