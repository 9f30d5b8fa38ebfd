import { defineSchedule } from './defineSchedule.ts'
import { finalFraction } from './finalFraction.ts'
import { progressOf } from './warmup.ts'

/** rate * (f + (1 - f) * (1 - p)^power), p the progress after the warm-up, at most 1; f the final fraction. */
export default defineSchedule({
  id: 'polynomial',
  title: 'Polynomial',
  summary: 'Falls as a power of what is left: faster than linear at first, then flat.',
  warmupSteps: 100,
  fields: {
    finalFraction,
    power: {
      type: 'number',
      label: 'Power',
      help: '1 is a straight line, more falls earlier.',
      default: 2,
      min: 0.01,
      max: 20,
    },
  },
  learningRateAt(params, { step, totalSteps, learningRate }) {
    const left = 1 - Math.min(1, progressOf({ step, totalSteps }))
    return learningRate * (params.finalFraction + (1 - params.finalFraction) * left ** params.power)
  },
})
