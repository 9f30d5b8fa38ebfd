import { defineMetric } from './defineMetric.ts'
import { bestClass } from './rankings.ts'

/** Share of items whose highest score is the right class. */
export default defineMetric({
  id: 'accuracy',
  label: 'Accuracy',
  better: 'higher',
  of: 'classes',
  isShare: true,
  compute(measured) {
    const { targets } = measured
    let right = 0
    targets.forEach((target, item) => (right += bestClass(measured, item) === target ? 1 : 0))
    return right / targets.length
  },
})
