export const severities = ['error', 'warning', 'info'] as const
/** error: what is learned or measured will be wrong; warning: look at it; info: know it. */
export type Severity = (typeof severities)[number]

/** What to do about it. `items` are places in the set. */
export type Fix =
  | { readonly kind: 'drop'; readonly items: readonly number[] }
  | { readonly kind: 'relabel'; readonly item: number; readonly to: string }
  | { readonly kind: 'drop-column'; readonly column: string }
  | { readonly kind: 'keep' }

/** One thing that a check saw. Plain JSON, so that a worker can send it and a page can show it. */
export interface Finding {
  /** The id of the check. */
  readonly check: string
  readonly severity: Severity
  /** What was seen, as a sentence. Holds no personal data. */
  readonly message: string
  /** Places of the items that it is about, at most {@link mostItems}; empty for what is about a column or the set. */
  readonly items: readonly number[]
  /** How many items it is about. */
  readonly count: number
  /** Numbers and names that it was seen from. */
  readonly values: Readonly<Record<string, number | string>>
  readonly fix: Fix
  /** How sure the check is, from 0 to 1. */
  readonly confidence: number
}

/** More places than this are counted, not listed. */
export const mostItems = 1000

/** A finding as a check gives it: the registry knows its id. */
export type Seen = Omit<Finding, 'check'>

/** A finding about some items, of which the first thousand are named. */
export function findingOf(
  finding: Omit<Seen, 'items' | 'count' | 'values'> & {
    readonly items?: readonly number[]
    readonly values?: Finding['values']
  },
): Seen {
  const { items = [], values = {}, ...rest } = finding
  return { ...rest, items: items.slice(0, mostItems), count: items.length, values }
}
