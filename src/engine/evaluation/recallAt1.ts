import { defineMetric } from './defineMetric.ts'
import { recallAt } from './retrieval.ts'

/** Share of items, asked with each side, whose right answer is among the best 1 of the whole validation. */
export default defineMetric({
  id: 'recallAt1',
  label: 'Recall@1',
  better: 'higher',
  of: 'pairs',
  compute: (measured) => recallAt(measured, 1),
})
