import { averagePrecision } from '../../core/scoreRanking.ts'
import { defineMetric } from './defineMetric.ts'

/** Mean over labels of average precision. Labels that no item has are left out. */
export default defineMetric({
  id: 'averagePrecision',
  label: 'Mean average precision',
  better: 'higher',
  of: 'labelSets',
  compute({ logits, targets, numLabels }) {
    const items = Array.from({ length: logits.length / numLabels }, (_, item) => item * numLabels)
    const there = Array.from({ length: numLabels }, (_, label) =>
      averagePrecision(
        items.map((first) => logits[first + label]!),
        items.map((first) => targets[first + label]!),
      ),
    ).filter((value) => value !== null)
    return there.length === 0 ? null : there.reduce((sum, value) => sum + value, 0) / there.length
  },
})
