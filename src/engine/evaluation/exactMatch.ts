import { defineMetric } from './defineMetric.ts'

/** Share of texts that are right to the character. */
export default defineMetric({
  id: 'exactMatch',
  label: 'Exact matches',
  better: 'higher',
  of: 'writing',
  isShare: true,
  compute: ({ said, right }) =>
    said.length === 0 ? null : said.filter((text, i) => text === right[i]).length / said.length,
})
