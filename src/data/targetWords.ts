import type { Coding, Part } from '../core/prepared.ts'
import { standsFor } from './standsFor.ts'
import { textAt } from './textAt.ts'

/** What is right for an item: its class, number or text; null where it has none. */
export function targetWords(part: Part, place: number, coding: Coding): string | null {
  const { labels, targets } = part.arrays
  const { classes, target } = coding.facts
  if (labels !== undefined && classes !== undefined) return classes[labels[place]!] ?? null
  if (targets !== undefined && target !== undefined) return standsFor(targets[place]!, target)
  return textAt(part, place, coding, 'targetTexts')
}
