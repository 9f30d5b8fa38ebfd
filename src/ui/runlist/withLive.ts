import type { RunState } from '../../runs/runState.svelte.ts'
import type { RunRecord } from './records.ts'

/** A stored record with what the page knows better, as the run goes on here. */
export function withLive(record: RunRecord, live: RunState | null): RunRecord {
  if (live?.id !== record.id) return record
  const { status, step, elapsedMs, totalSteps, latest } = live
  return { ...record, status, step, elapsedMs, totalSteps, latest: { ...record.latest, ...latest } }
}
