import { isMissing } from '../../table/columns.ts'
import { partOf } from './partOf.ts'

/** Whether a column holds nothing but names of parts, training and another among them. */
export function saysParts(cells: readonly string[]): boolean {
  const words = new Set<string>()
  for (const cell of cells) {
    if (isMissing(cell)) continue
    if (partOf(cell) === null) return false
    words.add(cell)
  }
  const parts = [...words].map(partOf)
  return words.size <= 12 && parts.includes('train') && parts.some((part) => part !== 'train')
}
