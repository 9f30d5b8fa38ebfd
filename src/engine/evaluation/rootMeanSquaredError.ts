import { defineMetric } from './defineMetric.ts'

/** Root of the mean squared distance, in the unit of the target. */
export default defineMetric({
  id: 'rootMeanSquaredError',
  label: 'Root mean squared error',
  better: 'lower',
  of: 'values',
  compute: ({ prediction, target }) =>
    Math.sqrt(prediction.reduce((sum, value, i) => sum + (value - target[i]!) ** 2, 0) / prediction.length),
})
