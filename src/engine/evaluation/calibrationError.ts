import { calibration } from '../../core/calibration.ts'
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
    const said = Array.from(measured.targets, (_, item) => bestClass(measured, item))
    return calibration(
      said.map((best, item) => probabilities(measured, item)[best]!),
      said.map((best, item) => best === measured.targets[item]),
      bins,
    ).expectedError
  },
})
