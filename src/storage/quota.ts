import { StorageError } from '../core/errors.ts'
import { formatBytes } from '../core/formatBytes.ts'

export interface StorageUse {
  usedBytes: number
  quotaBytes: number
  /** The browser has promised not to evict. */
  isPersisted: boolean
}

/** What of `navigator.storage` is used; tests pass their own. */
export type StorageSource = Partial<Pick<StorageManager, 'estimate' | 'persisted' | 'persist'>>

/** Metadata, indexes and the browser's own log come on top of the bytes that are asked for. */
const overheadRatio = 1.05
const overheadBytes = 1024 * 1024

/** What is used and what may be; null where the browser does not say. An estimate: browsers blur it on purpose. */
export async function storageEstimate(
  source: StorageSource | null = browserStorage(),
): Promise<StorageUse | null> {
  if (!source?.estimate) return null
  try {
    const { usage, quota } = await source.estimate()
    if (usage === undefined || quota === undefined) return null
    const isPersisted = (await source.persisted?.()) ?? false
    return { usedBytes: usage, quotaBytes: quota, isPersisted }
  } catch {
    return null
  }
}

/**
 * Asks before a large write, so that it is refused whole rather than broken off. Passes where the browser gives no
 * estimate: the write itself then fails with the same code.
 *
 * @param kept one sentence on what is still there
 * @throws StorageError `quota-exceeded` with needed, free and total bytes
 */
export async function ensureSpace(
  neededBytes: number,
  kept: string,
  source: StorageSource | null = browserStorage(),
): Promise<void> {
  const use = await storageEstimate(source)
  if (use === null) return
  const freeBytes = Math.max(0, use.quotaBytes - use.usedBytes)
  if (neededBytes * overheadRatio + overheadBytes <= freeBytes) return
  const [needed, free, quota] = [neededBytes, freeBytes, use.quotaBytes].map((bytes) => formatBytes(bytes))
  const rule = `${needed} must be stored, but ${free} of the ${quota} for this site are free`
  throw new StorageError(`storage: ${rule}. ${kept}`, {
    code: 'quota-exceeded',
    remedy: 'Delete runs or data sets that you no longer need, or free disk space, then try again.',
    details: { rule, neededBytes, freeBytes, quotaBytes: use.quotaBytes, usedBytes: use.usedBytes },
  })
}

let asked: Promise<boolean> | null = null

/**
 * Asks the browser, once a page, not to evict what is stored. After the first checkpoint: browsers grant it, or ask
 * the person, for pages with something to lose. Windows only; workers do not have it and get false.
 *
 * @returns whether storage is persistent
 */
export function requestPersistence(source: StorageSource | null = browserStorage()): Promise<boolean> {
  asked ??= persist(source)
  return asked
}

async function persist(source: StorageSource | null): Promise<boolean> {
  try {
    if (await source?.persisted?.()) return true
    return (await source?.persist?.()) ?? false
  } catch {
    return false
  }
}

function browserStorage(): StorageSource | null {
  return (globalThis.navigator as Navigator | undefined)?.storage ?? null
}
