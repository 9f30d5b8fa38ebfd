import { defineSchedule } from './defineSchedule.ts'

/** rate / sqrt((k + T) / T), k the updates since the warm-up, T the timescale. */
export default defineSchedule({
  id: 'inverse-sqrt',
  title: 'Inverse square root',
  summary: 'Falls ever more slowly and needs no end: a run can go on for as long as one likes.',
  link: 'https://arxiv.org/abs/2106.04560',
  warmupSteps: 100,
  fields: {
    timescale: {
      type: 'int',
      label: 'Timescale',
      help: 'Three times this many updates after the warm-up, half of the rate is left.',
      default: 1000,
      min: 1,
      max: 100000000,
      unit: 'steps',
    },
  },
  learningRateAt: ({ timescale }, { step, learningRate }) =>
    learningRate / Math.sqrt((step + timescale) / timescale),
})
