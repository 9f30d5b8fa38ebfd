import { StorageError } from '../src/core/errors.ts'
import type { Prepared } from '../src/core/prepared.ts'
import type { BunsenDatabase } from '../src/storage/database.ts'
import { loadPrepared, type PreparedAt } from '../src/storage/preparedStore.ts'

/** Arrays that the page had prepared. @throws StorageError `prepared-missing` */
export async function preparedOf(db: BunsenDatabase, at: PreparedAt): Promise<Prepared> {
  const prepared = await loadPrepared(db, at)
  if (prepared) return prepared
  throw new StorageError('What was made of this data set is no longer stored', {
    code: 'prepared-missing',
    remedy:
      'Press start again: they are made anew from the data set. If it stays so, the disk is full: free some space.',
  })
}
