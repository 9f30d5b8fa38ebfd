import { defineSchedule } from './defineSchedule.ts'

/** rate * d^-0.5 * min(s^-0.5, s * W^-1.5), s = k + 1 (Vaswani et al. 2017, equation 3): set the base rate near 1. */
export default defineSchedule({
  id: 'noam',
  title: 'Noam',
  summary:
    'The original transformer’s: up in a line, down with the inverse square root. Wants a base rate near 1.',
  link: 'https://arxiv.org/abs/1706.03762',
  warmupSteps: 'own',
  fields: {
    embedDim: {
      type: 'int',
      label: 'Width',
      help: 'Width of the model that the rate is scaled to; wider models get smaller rates.',
      default: 128,
      min: 1,
      max: 1000000,
    },
    warmupSteps: {
      type: 'int',
      label: 'Warm-up',
      help: 'Updates until the peak.',
      default: 400,
      min: 1,
      max: 10000000,
      unit: 'steps',
    },
  },
  learningRateAt(params, { step, learningRate }) {
    const count = step + 1
    return (
      learningRate * params.embedDim ** -0.5 * Math.min(count ** -0.5, count * params.warmupSteps ** -1.5)
    )
  },
})
