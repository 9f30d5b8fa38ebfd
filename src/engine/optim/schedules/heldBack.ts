import { defineSchedule } from './defineSchedule.ts'

/** rate * f for the first N updates, then the rate: torch's ConstantLR, the constant warm-up of Goyal et al. 2017. */
export default defineSchedule({
  id: 'held-back',
  title: 'Held back, then constant',
  summary: 'A fraction of the rate for the first updates, then all of it at once.',
  link: 'https://arxiv.org/abs/1706.02677',
  warmupSteps: 0,
  fields: {
    startFraction: {
      type: 'number',
      label: 'At first',
      help: 'Fraction of the rate in the first updates.',
      default: 0.1,
      min: 0,
      max: 1,
    },
    heldSteps: {
      type: 'int',
      label: 'For',
      help: 'Updates before the full rate.',
      default: 100,
      min: 1,
      max: 100000000,
      unit: 'steps',
    },
  },
  beginsAt: ({ startFraction }) => startFraction,
  learningRateAt: ({ startFraction, heldSteps }, { step, learningRate }) =>
    step < heldSteps ? learningRate * startFraction : learningRate,
})
