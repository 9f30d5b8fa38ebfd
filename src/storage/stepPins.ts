/** Whoever uses an entry holds a lock of this name: it ends with the worker, however that ends. */
const prefix = 'bunsen-step-'

/** Does `work` while the entry of a key cannot be given up, in any tab. */
export async function withPinnedStep<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
  const locks = browserLocks()
  return locks === null ? work() : locks.request(`${prefix}${key}`, { mode: 'shared' }, work)
}

/** Keys of entries in use; none where the browser has no locks. */
export async function pinnedSteps(): Promise<ReadonlySet<string>> {
  const { held = [] } = (await browserLocks()?.query()) ?? {}
  const names = held.map(({ name = '' }) => name).filter((name) => name.startsWith(prefix))
  return new Set(names.map((name) => name.slice(prefix.length)))
}

/** Old browsers, insecure pages and Node have none. */
function browserLocks(): LockManager | null {
  return (globalThis.navigator as Partial<Navigator> | undefined)?.locks ?? null
}
