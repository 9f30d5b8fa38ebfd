import { defineMetric, type Measured } from './defineMetric.ts'

/**
 * Mean over labels of average precision, the precision at each item that has the label, in order of scores (Everingham et al.
 * 2010, not interpolated; `average_precision_score` of scikit-learn). Equal scores are one rank. Labels that no item has are left
 * out.
 */
export default defineMetric({
  id: 'averagePrecision',
  label: 'Mean average precision',
  better: 'higher',
  of: 'labelSets',
  compute(measured) {
    const found = Array.from({ length: measured.numLabels }, (_, label) => ofLabel(measured, label))
    const there = found.filter((value) => value !== null)
    return there.length === 0 ? null : there.reduce((sum, value) => sum + value, 0) / there.length
  },
})

/** null where no item has it. */
function ofLabel({ logits, targets, numLabels }: Measured['labelSets'], label: number): number | null {
  const scored = Array.from({ length: logits.length / numLabels }, (_, item) => ({
    score: logits[item * numLabels + label]!,
    isRight: targets[item * numLabels + label] === 1,
  })).sort((a, b) => b.score - a.score)
  const total = scored.filter(({ isRight }) => isRight).length
  if (total === 0) return null
  let [seen, right, sum] = [0, 0, 0]
  while (seen < scored.length) {
    const { score } = scored[seen]!
    const before = right
    for (; seen < scored.length && scored[seen]!.score === score; seen++)
      right += Number(scored[seen]!.isRight)
    sum += ((right - before) * right) / seen
  }
  return sum / total
}
