import { defineSchedule } from './defineSchedule.ts'
import { warmupFactor, warmupFields } from './warmup.ts'

/** rate / sqrt((k - W + T) / T) after W warm-up updates, T the timescale. */
export default defineSchedule({
  id: 'inverse-sqrt',
  title: 'Inverse square root',
  summary: 'Falls ever more slowly and needs no end: a run can go on for as long as one likes.',
  link: 'https://arxiv.org/abs/2106.04560',
  fields: {
    ...warmupFields,
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
  learningRateAt(params, { step, learningRate }) {
    const warming = warmupFactor(step, params)
    if (warming !== null) return learningRate * warming
    const { timescale, warmupSteps } = params
    return learningRate / Math.sqrt((step - warmupSteps + timescale) / timescale)
  },
})
