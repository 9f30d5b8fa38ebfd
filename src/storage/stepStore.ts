import { StorageError } from '../core/errors.ts'
import { log } from '../core/log.ts'
import { evictionPlan, forgotten, type StepRecord, type StepStore } from '../core/steps.ts'
import { claimStaged, createContentWriter, readWholeContent } from './content.ts'
import type { BunsenDatabase, StoredStep } from './databaseSchema.ts'
import { digestHex } from './digest.ts'
import { chunkRange } from './keyRanges.ts'
import { giveUpSteps, isKept, stepBudget } from './stepEntries.ts'
import { pinnedSteps } from './stepPins.ts'
import { attempt, transact } from './transact.ts'

export interface StepStoreOptions {
  /** Bytes that all entries may have together; what the user has set where it is left out. */
  readonly budgetBytes?: number
  /** Keys of entries that are in use, and stay. */
  readonly pinned?: () => Promise<ReadonlySet<string>>
  readonly now?: () => number
}

/** What steps made, in the database: content in pieces as of checkpoints, then one record that points to it. */
export function createStepStore(db: BunsenDatabase, options: StepStoreOptions = {}): StepStore {
  const { pinned = pinnedSteps, now = Date.now } = options

  async function get(key: string): ReturnType<StepStore['get']> {
    const stored = await attempt('reading what a step made', () => db.get('steps', key))
    if (!isKept(stored)) return null
    const { content, ...record } = stored
    try {
      const { contentId, chunkCount } = content
      const { sizeBytes, sha256 } = record
      const bytes = await readWholeContent(db, { contentId, chunkCount, sizeBytes, sha256 })
      // A cache that cannot note its use is still a cache.
      await touch(key).catch((error: unknown) => log('warn', 'storage', 'use not noted', error))
      return { bytes, record }
    } catch (error) {
      if (!(error instanceof StorageError) || error.code !== 'content-corrupt') throw error
      log('warn', 'storage', 'what a step made is damaged; it is made anew', error.message)
      await giveUpSteps(db, [key], 'corrupted')
      return null
    }
  }

  function touch(key: string): Promise<void> {
    return transact(db, ['steps'], 'noting the use of what a step made', async (tx) => {
      const stored = await tx.objectStore('steps').get(key)
      if (isKept(stored)) await tx.objectStore('steps').put({ ...stored, usedAt: now() })
    })
  }

  async function put(
    entry: Pick<StepRecord, 'key' | 'identity' | 'seconds'>,
    bytes: Uint8Array,
  ): ReturnType<StepStore['put']> {
    const sha256 = await digestHex(bytes)
    const record = { ...entry, sizeBytes: bytes.length, sha256 }
    const budgetBytes = options.budgetBytes ?? (await stepBudget(db))
    try {
      if (await write(record, bytes, budgetBytes)) return null
      await remember(record)
      return 'over-budget'
    } catch (error) {
      if (!(error instanceof StorageError) || !isFull(error)) throw error
      log('warn', 'storage', 'no room to keep what a step made; it will be made again', error.message)
      // The record of it needs room, too.
      await remember(record).catch(() => undefined)
      return 'disk-full'
    }
  }

  /** @returns false where it does not fit into the budget */
  async function write(record: NewRecord, bytes: Uint8Array, budgetBytes: number): Promise<boolean> {
    const inUse = await pinned()
    const planOf = (all: readonly StoredStep[]) =>
      evictionPlan(
        all.filter((other) => isKept(other) && other.key !== record.key),
        { neededBytes: bytes.length, budgetBytes, pinned: inUse },
      )
    const before = planOf(await attempt('reading sizes of steps', () => db.getAll('steps')))
    if (before === null) return false
    // Before writing: a disk may be full of nothing but these.
    await giveUpSteps(db, before, 'evicted')
    const writer = await createContentWriter(db, record.sha256)
    try {
      await writer.write(bytes)
      const content = await writer.finish()
      return await transact(db, ['steps', 'blobs', 'staging'], 'keeping what a step made', async (tx) => {
        const steps = tx.objectStore('steps')
        const all = await steps.getAll()
        const plan = planOf(all)
        // Another tab has filled the room since.
        if (plan === null) throw new StorageError('Step: no room any more', { code: 'quota-exceeded' })
        await claimStaged(tx.objectStore('staging'), content.contentId)
        for (const old of all) {
          const isGone = plan.includes(old.key) || (old.key === record.key && isKept(old))
          if (!isGone) continue
          await tx.objectStore('blobs').delete(chunkRange(old.content!.contentId))
          await steps.put({ ...old, content: null, state: 'evicted' })
        }
        const { contentId, chunkCount } = content
        await steps.put({ ...record, usedAt: now(), state: 'kept', content: { contentId, chunkCount } })
        for (const key of forgotten(all.filter(({ identity }) => identity.step === record.identity.step)))
          if (key !== record.key) await steps.delete(key)
        return true
      })
    } catch (error) {
      await writer.abort()
      throw error
    }
  }

  /** That it was made, but not what. */
  async function remember(record: NewRecord): Promise<void> {
    await transact(db, ['steps'], 'noting what a step made', (tx) =>
      tx.objectStore('steps').put({ ...record, usedAt: now(), state: 'unkept', content: null }),
    )
  }

  return {
    get,
    put,
    discard: (key) => giveUpSteps(db, [key], 'corrupted'),
    async records(step) {
      const stored = await attempt('reading records of steps', () =>
        db.getAllFromIndex('steps', 'byStep', step),
      )
      return stored.map(({ content: _content, ...record }) => record)
    },
  }
}

type NewRecord = Omit<StepRecord, 'usedAt' | 'state'>

function isFull({ code }: StorageError): boolean {
  return code === 'quota-exceeded' || code === 'disk-failed'
}
