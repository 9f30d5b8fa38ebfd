import type { IDBPTransaction, StoreNames } from 'idb'
import type { BunsenDatabase, BunsenSchema } from './databaseSchema.ts'
import { withRoom, type WriteSize } from './diskRoom.ts'
import { toStorageError } from './storageErrors.ts'

type StoreName = StoreNames<BunsenSchema>
export type WriteTransaction<Name extends StoreName> = IDBPTransaction<BunsenSchema, Name[], 'readwrite'>

/**
 * Runs `work` in one transaction: all of it is stored or, on any error, nothing. `work` may await only requests of the
 * transaction itself. Strict durability: what is reported as saved survives a power cut. In a worker it is not begun on a
 * full disk, see `diskRoom.ts`.
 *
 * @param what for the message of a failure, "saving the run"; with its size where it writes more than a few records or
 *   is there to free space
 * @throws StorageError by cause: `quota-exceeded`, `storage-closed`, `disk-failed`, …; errors of `work` that are ours
 *   pass through
 */
export function transact<Name extends StoreName, Result>(
  db: BunsenDatabase,
  stores: Name[],
  what: string | (WriteSize & { doing: string }),
  work: (tx: WriteTransaction<Name>) => Promise<Result>,
): Promise<Result> {
  const { doing, ...size } = typeof what === 'string' ? { doing: what } : what
  return withRoom(doing, size, () => write(db, stores, doing, work))
}

async function write<Name extends StoreName, Result>(
  db: BunsenDatabase,
  stores: Name[],
  doing: string,
  work: (tx: WriteTransaction<Name>) => Promise<Result>,
): Promise<Result> {
  let tx: WriteTransaction<Name> | undefined
  try {
    tx = db.transaction(stores, 'readwrite', { durability: 'strict' })
    // Seen below; without this an abort while `work` still waits would be an unhandled rejection.
    tx.done.catch(() => undefined)
    const result = await work(tx)
    await tx.done
    return result
  } catch (error) {
    // A request that dies with its transaction only says AbortError; the transaction knows the cause.
    const cause = tx?.error ?? error
    tryAbort(tx)
    throw toStorageError(cause, doing)
  }
}

/** Runs a read; failures become ours as in {@link transact}. */
export async function attempt<Result>(doing: string, read: () => Promise<Result>): Promise<Result> {
  try {
    return await read()
  } catch (error) {
    throw toStorageError(error, doing)
  }
}

function tryAbort(tx: { abort(): void } | undefined): void {
  try {
    tx?.abort()
  } catch {
    // It has ended already.
  }
}
