import { StorageError } from '../src/core/errors.ts'

/** The lock that whoever trains a run holds; its name is how a page sees which runs are alive. */
export function runLockName(runId: string): string {
  return `bunsen-run-${runId}`
}

/**
 * Does `work` while holding the run's lock, so that two tabs cannot train one run, and so that browsers that freeze
 * hidden tabs leave this one alone. Throws `run-locked` when another tab holds it.
 */
export async function withRunLock<T>(runId: string, work: () => Promise<T>): Promise<T> {
  // Old browsers, insecure pages and Node have none.
  const locks = (globalThis.navigator as Partial<Navigator> | undefined)?.locks
  if (!locks) return work()
  return locks.request(runLockName(runId), { ifAvailable: true }, async (lock) => {
    if (lock === null) {
      throw new StorageError('This run is being trained in another tab', {
        code: 'run-locked',
        remedy: 'Go to that tab, or stop the run there first. Nothing was changed.',
        details: { runId },
      })
    }
    return work()
  })
}
