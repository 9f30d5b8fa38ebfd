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
    const { numClasses } = measured
    const counts = confusion(measured)
    const scores: number[] = []
    for (let own = 0; own < numClasses; own++) {
      let said = 0
      let there = 0
      for (let other = 0; other < numClasses; other++) {
        there += counts[own * numClasses + other]!
        said += counts[other * numClasses + own]!
      }
      if (said + there > 0) scores.push((2 * counts[own * numClasses + own]!) / (said + there))
    }
    return scores.reduce((sum, score) => sum + score, 0) / scores.length
  },
})
