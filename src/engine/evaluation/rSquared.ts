import { defineMetric } from './defineMetric.ts'

/**
 * Share of the variance that is explained: 1 is perfect, 0 is as good as always saying the mean. As scikit-learn, 0 of targets
 * that are all equal, or 1 where every one of them is said.
 */
export default defineMetric({
  id: 'rSquared',
  label: 'R²',
  better: 'higher',
  of: 'values',
  compute({ prediction, target }) {
    const mean = target.reduce((sum, value) => sum + value, 0) / target.length
    const total = target.reduce((sum, value) => sum + (value - mean) ** 2, 0)
    const rest = prediction.reduce((sum, value, i) => sum + (value - target[i]!) ** 2, 0)
    if (total === 0) return rest === 0 ? 1 : 0
    return 1 - rest / total
  },
})
