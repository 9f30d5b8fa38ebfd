import { counted } from '../../../core/counted.ts'
import { doubtfulLabels } from '../confidentLearning/doubtfulLabels.ts'
import { labelCounts, likeliest } from '../confidentLearning/labelled.ts'
import { labelQuality } from '../confidentLearning/labelQuality.ts'
import { rankIssues } from '../confidentLearning/labelIssues.ts'
import { defineCheck } from '../defineCheck.ts'
import { setFeatures } from '../features/setFeatures.ts'
import { findingOf } from '../finding.ts'
import { folds, labelProbabilities } from '../labelProbabilities.ts'
import { subset } from '../subset.ts'

/** Below it, relabelling would as often be wrong as right. */
const sureEnough = 0.5

export default defineCheck({
  id: 'mislabelled',
  order: 10,
  version: 2,
  title: 'Labels that are likely wrong',
  summary:
    'Asks a model that has not seen an example what it is, and counts where it is sure of another class.',
  headline: (found) => `${counted(found.length, 'label is', 'labels are')} probably wrong.`,
  skipped(set) {
    if (set.labels === null) return 'The set has no labels.'
    const counts = labelCounts({ labels: known(set.labels.values), numClasses: set.labels.classes.length })
    if (counts.filter((count) => count >= folds).length < 2)
      return `Fewer than two classes have ${folds} examples.`
    const { dense, sparse } = setFeatures(subset(set, Int32Array.of(0, 1)))
    return dense === null && sparse === null && set.columns.length < 2 && set.images === null
      ? 'No column beside the label tells anything apart.'
      : null
  },
  run(set, options) {
    const places = Int32Array.from(set.labels!.values.keys()).filter((item) => set.labels!.values[item]! >= 0)
    const own = subset(set, places)
    const features = setFeatures(own)
    if (features.dense === null && features.sparse === null) return []
    const { classes, values: labels, name } = own.labels!
    const probabilities = labelProbabilities(features, own.labels!, options)
    const data = { labels, probabilities, numClasses: classes.length }
    const quality = labelQuality(data, 'self-confidence')
    return Array.from(rankIssues(data, doubtfulLabels(data), 'self-confidence'), (row) => {
      const item = places[row]!
      const best = likeliest(data, row)
      const probability = probabilities[row * classes.length + best]!
      const [given, guess] = [classes[labels[row]!]!, classes[best]!]
      return findingOf({
        severity: 'warning',
        message: `Item ${item} is labelled “${given}” in ${name} and looks like “${guess}”.`,
        items: [item],
        values: { given, guess, probability, ownProbability: quality[row]! },
        fix:
          probability >= sureEnough ? { kind: 'relabel', item, to: guess } : { kind: 'drop', items: [item] },
        confidence: 1 - quality[row]!,
      })
    })
  },
})

function known(labels: Int32Array): Int32Array {
  return labels.filter((label) => label >= 0)
}
