import { BunsenError, StorageError } from '../core/errors.ts'

/** What was being done, for the message: "saving the checkpoint of step 40". */
type Doing = string

/**
 * Any failure of IndexedDB as the project's own error; errors that are already ours pass through.
 *
 * @param kept one sentence on what is still there
 */
export function toStorageError(
  error: unknown,
  doing: Doing,
  kept = 'What was stored before is unchanged.',
): BunsenError {
  if (error instanceof BunsenError) return error
  const name = error instanceof Error ? error.name : ''
  const said = error instanceof Error && error.message !== '' ? `${name}: ${error.message}` : String(error)
  const known = isOfDisk(name, said) ? diskFailed : (byName[name] ?? unknownFailure)
  return new StorageError(`storage: ${doing} failed (${known.rule}). ${kept} The browser said: ${said}`, {
    code: known.code,
    remedy: known.remedy,
    details: { doing, rule: known.rule, browser: said },
    cause: error,
  })
}

/**
 * Before anything was tried: a write that a full disk cuts short can cost the whole database, see `diskRoom.ts`. Browsers do
 * not say whether it is the disk or the site's share of it.
 */
export function diskFull(doing: Doing): StorageError {
  const rule = 'the disk that holds the browser’s profile, or the share of it that this site may use, is full'
  return new StorageError(`storage: ${doing} was not tried: ${rule}. What was stored before is unchanged.`, {
    code: diskFailed.code,
    remedy: makeRoom,
    details: { doing, rule },
  })
}

/**
 * The same failure, told by what it cost rather than by what was being done; other errors than of storage as they are.
 *
 * @param what was not stored, with a capital: "The checkpoint of step 40"
 * @param kept one sentence on what is still there
 */
export function notStored(
  error: unknown,
  what: string,
  { kept, details: more = {} }: { kept: string; details?: StorageError['details'] },
): unknown {
  if (!(error instanceof StorageError)) return error
  const { code, remedy, details, message } = error
  const why = typeof details['rule'] === 'string' ? details['rule'] : message
  return new StorageError(`${what} was not stored: ${why}. ${kept}`, {
    code,
    remedy,
    details: { ...details, ...more },
    cause: error,
  })
}

export function missingRun(id: string): StorageError {
  return new StorageError(`storage: there is no run ${id} (any more)`, {
    code: 'run-missing',
    remedy: 'It may have been deleted in another tab: reload the page.',
    details: { id },
  })
}

interface Known {
  code: string
  rule: string
  remedy: string
}

const makeRoom = 'Delete runs or data sets that you no longer need, or free disk space, then try again.'

const unknownFailure: Known = {
  code: 'storage-failed',
  rule: 'the database gave an error',
  remedy: 'Try again; if it stays, download your checkpoints and reload the page.',
}

/** A disk that is full beyond what the browser's own count of space foresaw, or one that is broken. */
const diskFailed: Known = {
  code: 'disk-failed',
  rule: 'the disk could not be written, most likely since it is full',
  remedy: 'Free some space on the disk that holds the browser’s profile, then try again.',
}

/** Chromium names this a `DataError`, Firefox and Safari an `UnknownError`; only their words tell what it was. */
function isOfDisk(name: string, said: string): boolean {
  return /^(DataError|UnknownError)$/.test(name) && /io ?error|i\/o|disk|space|failed to write/i.test(said)
}

const closed: Known = {
  code: 'storage-closed',
  rule: 'the connection to the database is closed',
  remedy: 'Try again; if it stays, reload the page.',
}

/** By `DOMException.name`, the only thing that browsers agree on. */
const byName: Record<string, Known> = {
  QuotaExceededError: {
    code: 'quota-exceeded',
    rule: 'the disk or the share of it that this site may use is full',
    remedy: makeRoom,
  },
  VersionError: {
    code: 'storage-newer',
    rule: 'the stored data belong to a newer Bunsen',
    remedy: 'Close all tabs of Bunsen and open it again to get the newer version.',
  },
  SecurityError: {
    code: 'storage-unavailable',
    rule: 'this browser does not let the page store anything',
    remedy:
      'Allow site data for this page, or leave private browsing; until then download what you want to keep.',
  },
  InvalidStateError: closed,
  AbortError: closed,
}
