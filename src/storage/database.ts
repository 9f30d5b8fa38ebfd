import { openDB } from 'idb'
import { StorageError } from '../core/errors.ts'
import { log } from '../core/log.ts'
import { sweepStaged } from './content.ts'
import type { BunsenDatabase, BunsenSchema } from './databaseSchema.ts'
import { attempt } from './transact.ts'

export type { BunsenDatabase } from './databaseSchema.ts'

/** Raised by one with every change of the stores below, together with a step in `upgrade`. */
export const databaseVersion = 3

export interface OpenOptions {
  name?: string
  /**
   * Another tab keeps an older version open. With this callback the opening waits until that tab is closed; without
   * it, `openDatabase` rejects with the same error.
   */
  onBlocked?: (error: StorageError) => void
  /** The connection ended by itself: every later call fails with `storage-closed`. */
  onLost?: (error: StorageError) => void
  nowMs?: number
  /** The page only reads: whoever writes is a worker, which can ask whether the disk has room (`diskRoom.ts`). */
  isReader?: boolean
  /** Another than {@link databaseVersion}, for tests of upgrades. */
  version?: number
}

/**
 * Opens the one database of the app, in a window or a worker; a writer also removes what broken-off writes left behind.
 *
 * @throws StorageError `storage-unavailable` (no IndexedDB, or forbidden), `storage-newer` (a newer app made it),
 *   `storage-blocked` (an older tab holds it), `storage-failed`
 */
export async function openDatabase(options: OpenOptions = {}): Promise<BunsenDatabase> {
  const { name = 'bunsen', nowMs = Date.now(), isReader = false } = options
  if (typeof indexedDB === 'undefined') throw unavailable()
  const db = await attempt(`opening the database "${name}"`, () => connect(name, options))
  if (isReader) return db
  await sweepStaged(db, nowMs).catch((error: unknown) => log('warn', 'storage', 'sweep failed', error))
  return db
}

/** `async`, since some browsers throw from `indexedDB.open` itself. */
async function connect(name: string, options: OpenOptions): Promise<BunsenDatabase> {
  const { onBlocked, onLost, version = databaseVersion } = options
  let giveUp: (error: StorageError) => void = () => undefined
  let hasGivenUp = false
  const blocked = new Promise<never>((_, reject) => (giveUp = reject))
  const opening = openDB<BunsenSchema>(name, version, {
    upgrade: (db, oldVersion) => {
      if (oldVersion < 1) createStores(db)
      if (oldVersion < 2 && version >= 2) addSteps(db)
      if (oldVersion < 3 && version >= 3) db.createObjectStore('tokenizers', { keyPath: 'sha256' })
    },
    blocked: (currentVersion) => {
      const error = blockedError(currentVersion, version)
      if (onBlocked) return onBlocked(error)
      hasGivenUp = true
      giveUp(error)
    },
    blocking: (currentVersion, wantedVersion, event) => {
      ;(event.target as IDBDatabase).close()
      onLost?.(wantedVersion === null ? deletedError() : outdatedError(currentVersion))
    },
    terminated: () => onLost?.(terminatedError()),
  })
  const closeIfLate = (db: BunsenDatabase) => {
    if (hasGivenUp) db.close()
  }
  opening.then(closeIfLate, () => undefined)
  return Promise.race([opening, blocked])
}

function createStores(db: BunsenDatabase): void {
  db.createObjectStore('runs', { keyPath: 'id' })
  db.createObjectStore('log', { keyPath: ['runId', 'sequence'] })
  db.createObjectStore('checkpoints', { keyPath: ['runId', 'slot', 'generation'] })
  db.createObjectStore('datasets', { keyPath: 'sha256' })
  db.createObjectStore('blobs')
  db.createObjectStore('staging', { keyPath: 'contentId' })
  db.createObjectStore('settings')
}

/** In place of prepared arrays, which are made anew: they were stored whole and under other keys. */
function addSteps(db: BunsenDatabase): void {
  const old: DOMStringList = (db as unknown as IDBDatabase).objectStoreNames
  for (const name of ['prepared', 'preparedUse'])
    if (old.contains(name)) (db as unknown as IDBDatabase).deleteObjectStore(name)
  db.createObjectStore('steps', { keyPath: 'key' }).createIndex('byStep', 'identity.step')
}

function unavailable(): StorageError {
  return new StorageError('storage: this browser offers no IndexedDB here, nothing can be stored', {
    code: 'storage-unavailable',
    remedy: 'Leave private browsing or use another browser; until then download what you want to keep.',
  })
}

function blockedError(currentVersion: number, wantedVersion: number): StorageError {
  return new StorageError(
    `storage: version ${wantedVersion} of the database must be made, but another tab holds version ${currentVersion}`,
    {
      code: 'storage-blocked',
      remedy: 'Close the other tabs of Bunsen, then reload this one.',
      details: { currentVersion, wantedVersion },
    },
  )
}

function outdatedError(currentVersion: number): StorageError {
  return new StorageError(
    `storage: another tab runs a newer Bunsen and took over the database (version ${currentVersion} is closed here); what was stored is kept`,
    { code: 'storage-outdated', remedy: 'Reload this page.', details: { currentVersion } },
  )
}

function deletedError(): StorageError {
  return new StorageError(
    'storage: the database is being deleted, from another tab or by the browser; runs, checkpoints and data sets go with it',
    {
      code: 'storage-deleted',
      remedy: 'A run that goes on here can no longer be stored: reload this page to begin anew.',
    },
  )
}

function terminatedError(): StorageError {
  return new StorageError(
    'storage: the browser ended the connection to the database; what was stored is kept',
    {
      code: 'storage-terminated',
      remedy: 'It is opened anew by itself. If site data were cleared, what was stored is gone.',
    },
  )
}
