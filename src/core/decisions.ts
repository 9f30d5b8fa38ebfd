import type { Finding } from './finding.ts'

/** What is changed in a set to make its next version. Items are counted from 0, as the set has them. */
export interface Revision {
  /** Items that are left out. */
  readonly drop: readonly number[]
  /** Other labels; for a table, other cells of its column `labelColumn`. */
  readonly relabel: readonly { readonly item: number; readonly label: string }[]
  /** The column of a table that `relabel` is about. */
  readonly labelColumn?: string
}

/** What becomes of an item in the next version. */
export type Decision =
  { readonly kind: 'keep' } | { readonly kind: 'drop' } | { readonly kind: 'relabel'; readonly to: string }

/** By item; those that are not named are kept as they are. */
export type Decisions = ReadonlyMap<number, Decision>

/**
 * What the fixes of findings say of each item that they are about. Where they disagree, an item that one would drop is
 * dropped: a label is of no use to it.
 */
export function suggestedDecisions(findings: readonly Finding[]): Map<number, Decision> {
  const decisions = new Map<number, Decision>()
  for (const { fix } of findings) {
    if (fix.kind === 'drop') for (const item of fix.items) decisions.set(item, { kind: 'drop' })
    if (fix.kind === 'relabel' && !decisions.has(fix.item))
      decisions.set(fix.item, { kind: 'relabel', to: fix.to })
  }
  return decisions
}

/** @param labelColumn the column of a table that labels stand in; null where there is none */
export function revisionOf(decisions: Decisions, labelColumn: string | null): Revision {
  const drop: number[] = []
  const relabel: { item: number; label: string }[] = []
  for (const [item, decision] of [...decisions].sort(([a], [b]) => a - b)) {
    if (decision.kind === 'drop') drop.push(item)
    if (decision.kind === 'relabel') relabel.push({ item, label: decision.to })
  }
  return { drop, relabel, ...(labelColumn !== null && relabel.length > 0 ? { labelColumn } : {}) }
}
