import { counted } from '../../../core/counted.ts'
import { isMissing } from '../../table/columns.ts'
import { defineCheck } from '../defineCheck.ts'
import { findingOf } from '../finding.ts'
import { robustSpread } from '../robustSpread.ts'

/** Iglewicz and Hoaglin take 3.5; columns of many rows reach it by chance. */
const leastScore = 6
/** A column of which more is flagged has a long tail, not outliers. */
const mostShare = 0.01
const fewestRows = 20

export default defineCheck({
  id: 'numeric-outliers',
  order: 60,
  version: 1,
  title: 'Numbers far from all others',
  summary: 'Robust z-scores by the median absolute deviation, column by column.',
  headline: (found) => `${counted(found.length, 'number is', 'numbers are')} far from all others.`,
  skipped: (set) =>
    set.columns.some(({ kind }) => kind === 'number') ? null : 'The set has no columns of numbers.',
  run(set) {
    return set.columns.flatMap(({ name, kind, cells }) => {
      if (kind !== 'number' || name === set.labels?.name) return []
      const items = Array.from(cells.keys()).filter((item) => !isMissing(cells[item]!))
      const numbers = items.map((item) => Number(cells[item]!))
      if (numbers.length < fewestRows) return []
      const { middle, spread } = robustSpread(numbers)
      // Half of the column is one value: there is no scale to measure by.
      if (spread === 0) return []
      const scores = numbers.map((value) => Math.abs(value - middle) / spread)
      const far = items.map((item, i) => ({ item, i })).filter(({ i }) => scores[i]! > leastScore)
      if (far.length > Math.max(1, mostShare * numbers.length)) return []
      return far.map(({ item, i }) =>
        findingOf({
          severity: 'warning',
          message: `Item ${item} has ${numbers[i]} in ${name}, ${scores[i]!.toFixed(1)} robust deviations from the median ${middle}.`,
          items: [item],
          values: { column: name, value: numbers[i]!, score: scores[i]!, median: middle },
          fix: { kind: 'drop', items: [item] },
          confidence: Math.min(0.99, 1 - leastScore / (2 * scores[i]!)),
        }),
      )
    })
  },
})
