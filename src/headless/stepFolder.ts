import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError } from '../core/errors.ts'
import { evictionPlan, forgotten, type EntryState, type StepRecord, type StepStore } from '../core/steps.ts'
import { createMemoryStepStore } from '../data/steps/memoryStepStore.ts'
import { projectFolder } from './projectFolder.ts'

/** Megabytes that entries may take, where no flag says so; 0 keeps nothing. */
const budgetVariable = 'BUNSEN_CACHE_MB'
const defaultBudgetBytes = 2_000_000_000

/** What a command that was broken off left behind is as old as this. */
const partialLifeMs = 60 * 60 * 1000

/** As the flag says, else the environment. Throws ConfigError `bad-arguments` for a variable that is no number. */
export function cacheBudget(megabytes: number | null): number {
  if (megabytes !== null) return megabytes * 1e6
  const text = process.env[budgetVariable]?.trim() ?? ''
  if (text === '') return defaultBudgetBytes
  const value = Number(text)
  if (Number.isFinite(value) && value >= 0) return value * 1e6
  throw new ConfigError(`${budgetVariable}: must be a number of megabytes, got "${text}"`, {
    code: 'bad-arguments',
    remedy: 'Set it to 0 to keep nothing, or leave it out.',
  })
}

export interface StepFolderOptions {
  readonly budgetBytes: number
  readonly folder?: string
  readonly now?: () => number
}

/**
 * What steps made, as files: `<key>.bin` is the content, `<key>.json` what is known of it. Each is written under another
 * name and then renamed, the content first, so that an entry is there whole or not at all, also with several commands at a time.
 */
export function openStepFolder({
  budgetBytes,
  folder = join(projectFolder(), '.cache', 'steps'),
  now = Date.now,
}: StepFolderOptions): StepStore {
  // Who keeps nothing wants nothing of earlier commands either.
  if (budgetBytes === 0) return createMemoryStepStore(0)
  const pathOf = (key: string, type: 'bin' | 'json') => join(folder, `${key}.${type}`)
  const used = new Set<string>()

  function replace(path: string, content: Uint8Array | string): void {
    const partial = `${path}.${process.pid}.partial`
    try {
      writeFileSync(partial, content)
      renameSync(partial, path)
    } catch (error) {
      rmSync(partial, { force: true })
      throw error
    }
  }

  function read(key: string): StepRecord | null {
    try {
      const record = JSON.parse(readFileSync(pathOf(key, 'json'), 'utf8')) as Partial<StepRecord>
      return record.key === key && typeof record.identity?.step === 'string' ? (record as StepRecord) : null
    } catch {
      return null
    }
  }

  function all(): StepRecord[] {
    const names = listed(folder).filter((name) => name.endsWith('.json'))
    return names.flatMap((name) => read(name.slice(0, -'.json'.length)) ?? [])
  }

  function mark(record: StepRecord, state: EntryState): void {
    quietly(() => rmSync(pathOf(record.key, 'bin'), { force: true }))
    quietly(() => replace(pathOf(record.key, 'json'), JSON.stringify({ ...record, state })))
  }

  function sweep(): void {
    for (const name of listed(folder).filter((entry) => entry.endsWith('.partial'))) {
      const path = join(folder, name)
      const age = now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Infinity)
      if (age > partialLifeMs) rmSync(path, { force: true })
    }
  }

  return {
    async get(key) {
      const record = read(key)
      if (record?.state !== 'kept') return null
      let bytes: Uint8Array
      try {
        bytes = readFileSync(pathOf(key, 'bin'))
      } catch {
        mark(record, 'corrupted')
        return null
      }
      if (sha256(bytes) !== record.sha256) {
        mark(record, 'corrupted')
        return null
      }
      used.add(key)
      quietly(() => replace(pathOf(key, 'json'), JSON.stringify({ ...record, usedAt: now() })))
      return { bytes, record }
    },

    async put({ key, identity, seconds }, bytes) {
      const records = all()
      const kept = records.filter((record) => record.state === 'kept' && record.key !== key)
      const plan = evictionPlan(kept, { neededBytes: bytes.length, budgetBytes, pinned: used })
      const fresh = { key, identity, seconds, sizeBytes: bytes.length, sha256: sha256(bytes), usedAt: now() }
      const note = (state: EntryState) =>
        quietly(() => replace(pathOf(key, 'json'), JSON.stringify({ ...fresh, state } satisfies StepRecord)))
      quietly(() => mkdirSync(folder, { recursive: true }))
      if (plan === null) {
        note('unkept')
        return 'over-budget'
      }
      quietly(sweep)
      kept.filter((record) => plan.includes(record.key)).forEach((record) => mark(record, 'evicted'))
      try {
        replace(pathOf(key, 'bin'), bytes)
        replace(pathOf(key, 'json'), JSON.stringify({ ...fresh, state: 'kept' } satisfies StepRecord))
      } catch {
        quietly(() => rmSync(pathOf(key, 'bin'), { force: true }))
        note('unkept')
        return 'disk-full'
      }
      used.add(key)
      const ofStep = records.filter((record) => record.identity.step === identity.step && record.key !== key)
      forgotten(ofStep).forEach((old) => rmSync(pathOf(old, 'json'), { force: true }))
      return null
    },

    async discard(key) {
      const record = read(key)
      if (record) mark(record, 'corrupted')
    },

    records: async (step) => all().filter(({ identity }) => identity.step === step),
  }
}

function listed(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** A cache that cannot be written is no reason not to compute. */
function quietly(work: () => void): void {
  try {
    work()
  } catch {
    return
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
