import { classReport, meanScores } from '../../core/classReport.ts'
import { defineMetric } from './defineMetric.ts'
import { confusion } from './rankings.ts'

/**
 * Mean over classes of the harmonic mean of precision and recall, each class alike (Pedregosa et al. 2011, `average='macro'`
 * over the classes that occur or were said; 0 where one was never right).
 */
export default defineMetric({
  id: 'macroF1',
  label: 'Macro F1',
  better: 'higher',
  of: 'classes',
  compute(measured) {
    const { classes } = classReport(confusion(measured))
    return meanScores(
      classes.filter(({ there, said }) => there + said > 0),
      'macro',
    ).f1
  },
})
