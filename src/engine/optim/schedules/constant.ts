import { defineSchedule } from './defineSchedule.ts'
import { warmupFactor, warmupFields } from './warmup.ts'

/** The base rate after the warm-up, for ever. */
export default defineSchedule({
  id: 'constant',
  title: 'Constant',
  summary: 'Rises over the warm-up and stays: for short runs, and for changing the rate by hand.',
  fields: warmupFields,
  learningRateAt: (params, { step, learningRate }) => learningRate * (warmupFactor(step, params) ?? 1),
})
