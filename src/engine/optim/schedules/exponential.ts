import { defineSchedule } from './defineSchedule.ts'

/** rate * gamma^k */
export default defineSchedule({
  id: 'exponential',
  title: 'Exponential',
  summary: 'Multiplied by a factor just below one at every update.',
  warmupSteps: 0,
  fields: {
    gamma: {
      type: 'number',
      label: 'Factor',
      help: 'What is left after one update: 0.999 halves the rate in 693.',
      default: 0.999,
      min: 0,
      max: 1,
      step: 0.0001,
    },
  },
  learningRateAt: (params, { step, learningRate }) => learningRate * params.gamma ** step,
})
