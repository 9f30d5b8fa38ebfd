import { defineMetric } from './defineMetric.ts'

/** loss / ln 2: bits that a compressor with this model would need for a token. */
export default defineMetric({
  id: 'bitsPerToken',
  label: 'Bits per token',
  better: 'lower',
  of: 'likelihood',
  compute: ({ meanLoss }) => meanLoss / Math.LN2,
})
