import { defineMetric } from './defineMetric.ts'
import { countsOfLabels, f1Of } from './labelCounts.ts'

/**
 * Mean over labels of the harmonic mean of precision and recall, each alike (Pedregosa et al. 2011, `average='macro'`); labels that
 * no item has and that were never said are left out.
 */
export default defineMetric({
  id: 'labelF1',
  label: 'Macro F1',
  better: 'higher',
  of: 'labelSets',
  compute(measured) {
    const scores = countsOfLabels(measured).flatMap((counts) => f1Of(counts) ?? [])
    return scores.length === 0 ? null : scores.reduce((sum, score) => sum + score, 0) / scores.length
  },
})
