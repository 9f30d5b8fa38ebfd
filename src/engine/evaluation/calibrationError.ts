import { defineMetric } from './defineMetric.ts'
import { bestClass, probabilities } from './rankings.ts'

const bins = 15

/** How far confidence lies from accuracy, in 15 bins of equal width (Guo et al. 2017, ECE). */
export default defineMetric({
  id: 'calibrationError',
  label: 'Calibration error',
  better: 'lower',
  of: 'classes',
  compute(measured) {
    const { targets } = measured
    // Of each bin: confidences minus what was right.
    const gaps = new Float64Array(bins)
    targets.forEach((target, item) => {
      const best = bestClass(measured, item)
      const confidence = probabilities(measured, item)[best]!
      // As the paper: bins are open below and closed above.
      const bin = Math.min(bins - 1, Math.max(0, Math.ceil(confidence * bins) - 1))
      gaps[bin]! += confidence - (best === target ? 1 : 0)
    })
    return gaps.reduce((sum, gap) => sum + Math.abs(gap), 0) / targets.length
  },
})
