import { defineMetric } from './defineMetric.ts'
import { ranksOf } from './retrieval.ts'

/** The middle of the ranks of right answers, asked with each side; 1 is the best. */
export default defineMetric({
  id: 'medianRank',
  label: 'Median rank',
  better: 'lower',
  of: 'pairs',
  compute(measured) {
    const ranks = [...ranksOf(measured, 'a to b'), ...ranksOf(measured, 'b to a')].sort((x, y) => x - y)
    const middle = ranks.length >> 1
    return ranks.length % 2 === 1 ? ranks[middle]! : (ranks[middle - 1]! + ranks[middle]!) / 2
  },
})
