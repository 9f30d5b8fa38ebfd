import { defineMetric } from './defineMetric.ts'

/** Mean distance, in the unit of the target. */
export default defineMetric({
  id: 'meanAbsoluteError',
  label: 'Mean absolute error',
  better: 'lower',
  of: 'values',
  compute: ({ prediction, target }) =>
    prediction.reduce((sum, value, i) => sum + Math.abs(value - target[i]!), 0) / prediction.length,
})
