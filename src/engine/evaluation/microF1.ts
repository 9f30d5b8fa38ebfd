import { defineMetric } from './defineMetric.ts'
import { countsOfLabels, f1Of } from './labelCounts.ts'

/**
 * Harmonic mean of precision and recall over all labels of all items together (Pedregosa et al. 2011, `average='micro'`); null
 * where none is there and none was said.
 */
export default defineMetric({
  id: 'microF1',
  label: 'Micro F1',
  better: 'higher',
  of: 'labelSets',
  compute(measured) {
    const all = { right: 0, said: 0, both: 0 }
    for (const { right, said, both } of countsOfLabels(measured)) {
      all.right += right
      all.said += said
      all.both += both
    }
    return f1Of(all)
  },
})
