import type { Coding, Part } from '../core/prepared.ts'
import { labelsAt } from './labelRows.ts'
import { standsFor } from './standsFor.ts'
import { textAt } from './textAt.ts'

/** What is right for an item: its class or classes, number or text; null where it has none. */
export function targetWords(part: Part, place: number, coding: Coding): string | null {
  const { labels, targets } = part.arrays
  const { classes, labels: names, target } = coding.facts
  const several = labelsAt(part, place)
  if (several !== null && names !== undefined) return several.map((label) => names[label]).join(', ')
  if (labels !== undefined && classes !== undefined) return classes[labels[place]!] ?? null
  if (targets !== undefined && target !== undefined) return standsFor(targets[place]!, target)
  return textAt(part, place, coding, 'targetTexts')
}
