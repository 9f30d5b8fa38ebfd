import { sha256Hex } from '../../core/sha256.ts'
import {
  evictionPlan,
  forgotten,
  type EntryState,
  type StepRecord,
  type StepStore,
} from '../../core/steps.ts'

export interface MemoryStepStore extends StepStore {
  /** As it lies there, to be looked at or damaged by tests. */
  readonly contents: Map<string, Uint8Array>
  /** Keys that are in use, and stay. */
  readonly pinned: Set<string>
}

/** For one process: tests, benchmarks, and where nothing outlives a command. */
export function createMemoryStepStore(budgetBytes = Infinity): MemoryStepStore {
  const contents = new Map<string, Uint8Array>()
  const known = new Map<string, StepRecord>()
  const pinned = new Set<string>()
  let uses = 0
  const mark = (key: string, state: EntryState) => {
    contents.delete(key)
    const record = known.get(key)
    if (record) known.set(key, { ...record, state })
  }
  return {
    contents,
    pinned,
    async get(key) {
      const bytes = contents.get(key)
      const record = known.get(key)
      if (!bytes || !record) return null
      if (sha256Hex(bytes) !== record.sha256) {
        mark(key, 'corrupted')
        return null
      }
      known.set(key, { ...record, usedAt: ++uses })
      return { bytes: bytes.slice(), record }
    },
    async put({ key, identity, seconds }, bytes) {
      const others = [...known.values()].filter((record) => record.state === 'kept' && record.key !== key)
      const plan = evictionPlan(others, { neededBytes: bytes.length, budgetBytes, pinned })
      const state: EntryState = plan === null ? 'unkept' : 'kept'
      plan?.forEach((evicted) => mark(evicted, 'evicted'))
      known.set(key, {
        key,
        identity,
        seconds,
        sizeBytes: bytes.length,
        sha256: plan === null ? '' : sha256Hex(bytes),
        usedAt: ++uses,
        state,
      })
      if (plan !== null) contents.set(key, bytes.slice())
      forgotten([...known.values()].filter((record) => record.identity.step === identity.step)).forEach(
        (old) => known.delete(old),
      )
      return plan === null ? 'over-budget' : null
    },
    async discard(key) {
      mark(key, 'corrupted')
    },
    async records(step) {
      return [...known.values()].filter(({ identity }) => identity.step === step)
    },
  }
}
