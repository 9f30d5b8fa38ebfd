import type { DoctorSet } from './doctorSet.ts'
import type { Seen } from './finding.ts'
import type { Rules } from './rules.ts'

export interface CheckOptions {
  readonly seed: number
  /** What the user demands of the set; null or left out where nothing is. */
  readonly rules?: Rules | null
  readonly signal?: AbortSignal | undefined
  /** Share of this check that is done, from 0 to 1. */
  onProgress?(share: number): void
}

/** What is looked for in a set. One file of `checks/` is one check. */
export interface Check {
  readonly id: string
  /** Place in reports. */
  readonly order: number
  /** Raised whenever the same set would give other findings: what was found before is then looked for anew. */
  readonly version: number
  readonly title: string
  /** One sentence: what it looks for. */
  readonly summary: string
  /** Whether it looks at the user's rules: only then is it run anew where these change. */
  readonly usesRules: boolean
  /** All that it found, in a sentence. Never called with none. */
  headline(found: readonly Seen[]): string
  /** Why it cannot look at this set, as a sentence; null where it can. */
  skipped(set: DoctorSet, options: Pick<CheckOptions, 'rules'>): string | null
  run(set: DoctorSet, options: CheckOptions): readonly Seen[]
}

type Optional = 'skipped' | 'usesRules'

export function defineCheck(check: Omit<Check, Optional> & Partial<Pick<Check, Optional>>): Check {
  return { skipped: () => null, usesRules: false, ...check }
}
