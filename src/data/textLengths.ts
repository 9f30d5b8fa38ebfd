import type { Part } from '../core/prepared.ts'
import { noToken } from './textTokens.ts'

/** Tokens of each item of a part, of the longest of its texts; null where it has none. */
export function textLengths({ arrays, count }: Part): Int32Array | null {
  const texts = [arrays['texts'], arrays['targetTexts']].filter((rows) => rows !== undefined)
  if (texts.length === 0) return null
  const lengths = new Int32Array(count)
  for (const rows of texts) {
    const perItem = rows.length / count
    for (let item = 0; item < count; item++) {
      const row = rows.subarray(item * perItem, (item + 1) * perItem)
      const end = row.indexOf(noToken)
      lengths[item] = Math.max(lengths[item]!, end < 0 ? perItem : end)
    }
  }
  return lengths
}
