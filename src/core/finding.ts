export const severities = ['error', 'warning', 'info'] as const
/** error: what is learned or measured will be wrong; warning: look at it; info: know it. */
export type Severity = (typeof severities)[number]

/** What to do about it. `items` are places in the set. */
export type Fix =
  | { readonly kind: 'drop'; readonly items: readonly number[] }
  | { readonly kind: 'relabel'; readonly item: number; readonly to: string }
  | { readonly kind: 'drop-column'; readonly column: string }
  | { readonly kind: 'keep' }

/** One thing that a check of a data set saw. Plain JSON, so that a worker can send it and a page can show it. */
export interface Finding {
  /** The id of the check. */
  readonly check: string
  readonly severity: Severity
  /** What was seen, as a sentence. Holds no personal data. */
  readonly message: string
  /** Places of the items that it is about, at most a thousand; empty for what is about a column or the set. */
  readonly items: readonly number[]
  /** How many items it is about. */
  readonly count: number
  /** Numbers and names that it was seen from. */
  readonly values: Readonly<Record<string, number | string>>
  readonly fix: Fix
  /** How sure the check is, from 0 to 1. */
  readonly confidence: number
}

/** What one check says of a set. */
export interface CheckResult {
  readonly id: string
  readonly title: string
  /** How many findings it has. */
  readonly findings: number
  /** All of them in a sentence; empty where there are none. */
  readonly headline: string
  /** Why it did not look; null where it did. */
  readonly skipped: string | null
}

/** What all checks say of a set. Plain JSON. */
export interface Diagnosis {
  readonly name: string
  readonly kind: string
  readonly count: number
  /** What the labels were taken from, and what they may be; null where the set has none. */
  readonly labels: { readonly column: string; readonly classes: readonly string[] } | null
  readonly checks: readonly CheckResult[]
  /** Errors first; within a check as the check gave them. */
  readonly findings: readonly Finding[]
  readonly bySeverity: Readonly<Record<Severity, number>>
}
