import { defineMetric } from './defineMetric.ts'

/** exp(loss): among how many equally likely tokens the model wavers. */
export default defineMetric({
  id: 'perplexity',
  label: 'Perplexity',
  better: 'lower',
  of: 'likelihood',
  compute: ({ meanLoss }) => Math.exp(meanLoss),
})
