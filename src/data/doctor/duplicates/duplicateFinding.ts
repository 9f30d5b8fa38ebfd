import type { DoctorSet } from '../doctorSet.ts'
import { findingOf, type Seen } from '../finding.ts'

/** Items that are the same, or nearly: what that means depends on their labels and parts. */
export function duplicateFinding(set: DoctorSet, items: readonly number[], confidence: number): Seen {
  const labels =
    set.labels && new Set(items.map((item) => set.labels!.values[item]!).filter((label) => label >= 0))
  const parts = set.parts && new Set(items.map((item) => set.parts![item]!))
  const what = `Items ${items.slice(0, 5).join(', ')}${items.length > 5 ? ', …' : ''} are ${confidence === 1 ? 'the same' : 'nearly the same'}`
  const drop = { kind: 'drop', items: items.slice(1) } as const
  if (labels && labels.size > 1) {
    const names = [...labels].map((label) => set.labels!.classes[label]!)
    return findingOf({
      severity: confidence === 1 ? 'error' : 'warning',
      message: `${what} and are labelled ${names.map((name) => `“${name}”`).join(' and ')}.`,
      items,
      values: { labels: names.join(', ') },
      fix: { kind: 'drop', items },
      confidence,
    })
  }
  if (parts && parts.size > 1) {
    return findingOf({
      severity: 'error',
      message: `${what} and stand in ${[...parts].join(' and ')}: what is measured there is learned by heart.`,
      items,
      values: { parts: [...parts].join(', ') },
      fix: drop,
      confidence,
    })
  }
  return findingOf({ severity: 'warning', message: `${what}.`, items, fix: drop, confidence })
}
