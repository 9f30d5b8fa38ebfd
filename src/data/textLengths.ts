import type { ItemArray, Part } from '../core/prepared.ts'
import { noToken } from './textTokens.ts'

/** Texts of a part's items, what is read and what is to be written: each [N, L] with `noToken` after the ends. */
export function itemTexts({ arrays }: Part): ItemArray[] {
  return [arrays['texts'], arrays['targetTexts']].filter((rows) => rows !== undefined)
}

/** Tokens of each item of a part, of the longest of its texts; null where it has none. */
export function textLengths(part: Part): Int32Array | null {
  const { count } = part
  const texts = itemTexts(part)
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
