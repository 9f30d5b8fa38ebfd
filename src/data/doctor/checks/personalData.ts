import { counted } from '../../../core/counted.ts'
import { defineCheck } from '../defineCheck.ts'
import { countItems, findingOf, type Seen } from '../finding.ts'
import { longestSearched, masked, personalKinds } from '../personalData.ts'

export default defineCheck({
  id: 'personal-data',
  order: 80,
  version: 1,
  title: 'Personal data',
  summary:
    'E-mail addresses, card numbers, IBANs, phone numbers and IP addresses; shown with all but two signs masked.',
  headline: (found) =>
    `${counted(countItems(found), 'item holds', 'items hold')} what looks like personal data.`,
  skipped: (set) => (set.columns.length > 0 ? null : 'The set has no text.'),
  run(set) {
    return set.columns
      .filter(({ kind }) => kind !== 'number')
      .flatMap(({ name, cells }) =>
        personalKinds.flatMap(({ name: kind, pattern, isOne, confidence }): Seen[] => {
          const items: number[] = []
          let example = ''
          cells.forEach((cell, item) => {
            const found = cell.slice(0, longestSearched).matchAll(pattern)
            const first = [...found].find(([match]) => isOne(match))
            if (first === undefined) return
            if (items.length === 0) example = masked(first[0])
            items.push(item)
          })
          if (items.length === 0) return []
          const message = `${items.length} of ${cells.length} items hold what looks like ${kind} in ${name}, as ${example} in item ${items[0]}.`
          const values = { column: name, kind, example }
          return [
            findingOf({
              severity: 'warning',
              message,
              items,
              values,
              fix: { kind: 'drop', items },
              confidence,
            }),
          ]
        }),
      )
  },
})
