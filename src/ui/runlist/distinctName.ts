import { formatDateTime } from '../format.ts'
import type { RunRecord } from './records.ts'

/** The name of a run; with when it began where another of these has the same. */
export function distinctName(run: RunRecord, among: readonly RunRecord[]): string {
  const name = run.name || run.id
  const isShared = among.some((other) => other.id !== run.id && other.name === run.name)
  return isShared ? `${name} · ${formatDateTime(run.createdAt).slice(11)}` : name
}
