import { counted } from '../../../core/counted.ts'
import { defineCheck } from '../defineCheck.ts'
import { countItems, findingOf, type Seen } from '../finding.ts'
import { robustSpread } from '../robustSpread.ts'

/** Robust deviations of the logarithm of the length. */
const leastScore = 6
/** Texts within a factor of e of the median are never too long or short. */
const leastSpread = 1 / leastScore

export default defineCheck({
  id: 'text-lengths',
  order: 71,
  version: 1,
  title: 'Lengths of texts',
  summary: 'Empty texts, and ones far longer or shorter than all others.',
  headline: (found) =>
    `${counted(countItems(found), 'item is', 'items are')} empty, or far longer or shorter than the others.`,
  skipped: (set) => (set.columns.some(({ kind }) => kind === 'text') ? null : 'The set has no texts.'),
  run(set) {
    return set.columns.flatMap(({ name, kind, cells }): Seen[] => {
      if (kind !== 'text') return []
      const items = Array.from(cells.keys())
      const logarithms = cells.map((cell) => Math.log(cell.trim().length))
      const empty = items.filter((item) => logarithms[item] === -Infinity)
      const there = items.filter((item) => logarithms[item]! > -Infinity)
      const { middle, spread } = robustSpread(there.map((item) => logarithms[item]!))
      const bound = leastScore * Math.max(spread, leastSpread)
      const seen = (found: readonly number[], what: string, confidence: number): Seen[] =>
        found.length === 0
          ? []
          : [
              findingOf({
                severity: 'warning',
                message: `${found.length} of ${cells.length} texts in ${name} are ${what}, first item ${found[0]}.`,
                items: found,
                values: { column: name, medianLength: Math.round(Math.exp(middle)) },
                fix: { kind: 'drop', items: found },
                confidence,
              }),
            ]
      return [
        ...seen(empty, 'empty', 1),
        ...seen(
          there.filter((item) => logarithms[item]! - middle > bound),
          'far longer than the others',
          0.8,
        ),
        ...seen(
          there.filter((item) => middle - logarithms[item]! > bound),
          'far shorter than the others',
          0.8,
        ),
      ]
    })
  },
})
