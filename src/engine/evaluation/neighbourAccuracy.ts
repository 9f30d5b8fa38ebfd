import { defineMetric } from './defineMetric.ts'
import { nearest, unitRows } from './neighbours.ts'

const neighbours = 5

/**
 * Share of items whose class is the commonest among the five others that lie nearest by cosine (Wu et al. 2018, without
 * their weighting); of equally common ones that of the nearest.
 */
export default defineMetric({
  id: 'neighbourAccuracy',
  label: 'k-NN accuracy',
  better: 'higher',
  of: 'vectors',
  compute(measured) {
    const { labels, width, numClasses } = measured
    if (labels === null) return null
    const rows = unitRows(measured)
    let right = 0
    labels.forEach((label, query) => {
      const votes = new Float64Array(numClasses)
      // A nearer vote counts a little more, so that none are equal.
      nearest(rows, { width, query, count: neighbours }).forEach(
        (item, rank) => (votes[labels[item]!]! += 1 - rank / (100 * neighbours)),
      )
      right += votes.indexOf(Math.max(...votes)) === label ? 1 : 0
    })
    return right / labels.length
  },
})
