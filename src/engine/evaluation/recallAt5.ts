import { defineMetric } from './defineMetric.ts'
import { recallAt } from './retrieval.ts'

/** Share of items, asked with each side, whose right answer is among the best 5 of the whole validation. */
export default defineMetric({
  id: 'recallAt5',
  label: 'Recall@5',
  better: 'higher',
  of: 'pairs',
  compute: (measured) => recallAt(measured, 5),
})
