import { defineMetric } from './defineMetric.ts'

/** Share of the variance that is explained: 1 is perfect, 0 is as good as always saying the mean. NaN without variance. */
export default defineMetric({
  id: 'rSquared',
  label: 'R²',
  better: 'higher',
  of: 'values',
  compute({ prediction, target }) {
    const mean = target.reduce((sum, value) => sum + value, 0) / target.length
    const total = target.reduce((sum, value) => sum + (value - mean) ** 2, 0)
    const rest = prediction.reduce((sum, value, i) => sum + (value - target[i]!) ** 2, 0)
    return 1 - rest / total
  },
})
