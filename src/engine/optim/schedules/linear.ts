import { defineSchedule } from './defineSchedule.ts'
import { finalFraction } from './finalFraction.ts'
import { progressOf } from './warmup.ts'

/** rate * (1 - (1 - f) * p), p the progress after the warm-up, at most 1; f the final fraction. */
export default defineSchedule({
  id: 'linear',
  title: 'Linear',
  summary: 'Rises over the warm-up, then falls in a straight line.',
  warmupSteps: 100,
  fields: { finalFraction },
  learningRateAt(params, { step, totalSteps, learningRate }) {
    const progress = Math.min(1, progressOf({ step, totalSteps }))
    return learningRate * (1 - (1 - params.finalFraction) * progress)
  },
})
