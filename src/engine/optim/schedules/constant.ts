import { defineSchedule } from './defineSchedule.ts'

/** The base rate after the warm-up, for ever. */
export default defineSchedule({
  id: 'constant',
  title: 'Constant',
  summary: 'Rises over the warm-up and stays: for short runs, and for changing the rate by hand.',
  warmupSteps: 100,
  fields: {},
  learningRateAt: (_params, { learningRate }) => learningRate,
})
