import type { DoctorSet } from './doctorSet.ts'
import type { Seen } from './finding.ts'

export interface CheckOptions {
  readonly seed: number
  readonly signal?: AbortSignal | undefined
  /** Share of this check that is done, from 0 to 1. */
  onProgress?(share: number): void
}

/** What is looked for in a set. One file of `checks/` is one check. */
export interface Check {
  readonly id: string
  /** Place in reports. */
  readonly order: number
  readonly title: string
  /** One sentence: what it looks for. */
  readonly summary: string
  /** Why it cannot look at this set, as a sentence; null where it can. */
  skipped(set: DoctorSet): string | null
  run(set: DoctorSet, options: CheckOptions): readonly Seen[]
}

export function defineCheck(check: Omit<Check, 'skipped'> & Partial<Pick<Check, 'skipped'>>): Check {
  return { skipped: () => null, ...check }
}
