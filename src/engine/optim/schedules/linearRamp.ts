import { defineSchedule } from './defineSchedule.ts'

/** rate * (start + (end - start) * min(k, N) / N), N = rampSteps (torch's LinearLR). */
export default defineSchedule({
  id: 'linear-ramp',
  title: 'Ramp',
  summary: 'From one fraction of the rate to another in a straight line, then stays.',
  warmupSteps: 0,
  fields: {
    startFraction: {
      type: 'number',
      label: 'From',
      help: 'Fraction of the rate at first.',
      default: 0.1,
      min: 0,
      max: 1,
    },
    endFraction: {
      type: 'number',
      label: 'To',
      help: 'Fraction of the rate afterwards.',
      default: 1,
      min: 0,
      max: 1,
    },
    rampSteps: {
      type: 'int',
      label: 'Over',
      help: 'Updates between the two.',
      default: 100,
      min: 1,
      max: 100000000,
      unit: 'steps',
    },
  },
  beginsAt: ({ startFraction }) => startFraction,
  learningRateAt(params, { step, learningRate }) {
    const { startFraction, endFraction, rampSteps } = params
    return (
      learningRate * (startFraction + ((endFraction - startFraction) * Math.min(step, rampSteps)) / rampSteps)
    )
  },
})
