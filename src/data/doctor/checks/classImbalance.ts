import { counted } from '../../../core/counted.ts'
import { defineCheck } from '../defineCheck.ts'
import { countItems, findingOf } from '../finding.ts'

/** The largest class over another: more is worth a word. */
const mostRatio = 10
/** Fewer examples are too few to learn or to measure. */
const fewest = 5

export default defineCheck({
  id: 'class-imbalance',
  order: 40,
  version: 1,
  title: 'Class balance',
  summary: 'Classes with few examples, alone or beside the largest; items without a label.',
  headline: (found) => {
    const rare = found.filter(({ items }) => items.length === 0).length
    const without = countItems(found)
    return [
      ...(rare > 0 ? [`${counted(rare, 'class has', 'classes have')} few examples.`] : []),
      ...(without > 0 ? [`${counted(without, 'item has', 'items have')} no label.`] : []),
    ].join(' ')
  },
  skipped: (set) => (set.labels === null ? 'The set has no labels.' : null),
  run({ labels, count }) {
    const { classes, values, name } = labels!
    const counts = new Float64Array(classes.length)
    for (const value of values) if (value >= 0) counts[value]!++
    const largest = Math.max(...counts)
    const rare = classes.flatMap((title, label) => {
      const own = counts[label]!
      if (own >= fewest && largest / own <= mostRatio) return []
      return findingOf({
        severity: 'warning',
        message:
          own < fewest
            ? `“${title}” has ${own} of ${count} examples: fewer than ${fewest} are too few to learn or to measure.`
            : `“${title}” has ${own} of ${count} examples, the largest class ${largest}.`,
        values: { class: title, examples: own, largest },
        fix: { kind: 'keep' },
        confidence: 1,
      })
    })
    const without = Array.from(values.keys()).filter((item) => values[item]! < 0)
    if (without.length === 0) return rare
    const message = `${without.length} of ${count} items have no ${name}.`
    const fix = { kind: 'drop', items: without } as const
    return [...rare, findingOf({ severity: 'warning', message, items: without, fix, confidence: 1 })]
  },
})
