import type { Finding } from '../../core/finding.ts'

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

/** How many items findings are about; one that several are about counts once, as far as they name it. */
export function countItems(found: readonly Seen[]): number {
  const named = new Set(found.flatMap(({ items }) => items))
  const more = found.reduce((sum, { items, count }) => sum + count - items.length, 0)
  return named.size + more
}

/** Of groups of items that are the same: how many have another before them. */
export function copiesOf(found: readonly Seen[]): number {
  return found.reduce((sum, { count }) => sum + count - 1, 0)
}
