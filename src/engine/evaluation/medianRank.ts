import { median } from '../../core/median.ts'
import { defineMetric } from './defineMetric.ts'
import { allRanks } from './retrieval.ts'

/** The middle of the ranks of right answers, asked with each side; 1 is the best. */
export default defineMetric({
  id: 'medianRank',
  label: 'Median rank',
  better: 'lower',
  of: 'pairs',
  compute: (measured) => median(allRanks(measured)),
})
