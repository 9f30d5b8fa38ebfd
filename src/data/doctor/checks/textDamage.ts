import { counted } from '../../../core/counted.ts'
import { defineCheck } from '../defineCheck.ts'
import { countItems, findingOf, type Seen } from '../finding.ts'

/** UTF-8 that was read as Windows-1252: a lead byte as a letter, then a continuation byte as a sign. */
const mojibake =
  /Ã[\u0080-\u00BF\u2018-\u201D\u2020-\u2026\u0160\u0192]|â€[\u0080-\u00BF\u2018-\u201D\u2020-\u2026\u2122\u0153]|Â[\u00A0-\u00BF]|ï»¿|ðŸ/u
const replaced = /\uFFFD/u
const control = /[\u0000-\u0008\u000E-\u001F]/u

const kinds: readonly (readonly [string, RegExp, number])[] = [
  ['characters that were lost in decoding (U+FFFD)', replaced, 1],
  ['UTF-8 that was read in another encoding (“Ã©” for “é”)', mojibake, 0.95],
  ['control characters', control, 0.9],
]

export default defineCheck({
  id: 'text-damage',
  order: 70,
  version: 1,
  title: 'Damaged text',
  summary: 'Text that was decoded wrongly, or holds what no text holds.',
  headline: (found) => `${counted(countItems(found), 'item holds', 'items hold')} damaged text.`,
  skipped: (set) => (set.columns.length > 0 ? null : 'The set has no text.'),
  run(set) {
    return set.columns.flatMap(({ name, cells }) =>
      kinds.flatMap(([what, pattern, confidence]): Seen[] => {
        const items = Array.from(cells.keys()).filter((item) => pattern.test(cells[item]!))
        if (items.length === 0) return []
        const message = `${items.length} of ${cells.length} items hold ${what} in ${name}, first item ${items[0]}.`
        const fix = { kind: 'drop', items } as const
        return [findingOf({ severity: 'warning', message, items, values: { column: name }, fix, confidence })]
      }),
    )
  },
})
