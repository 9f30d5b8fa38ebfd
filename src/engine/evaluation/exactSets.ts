import { defineMetric } from './defineMetric.ts'
import { isSaid } from './labelCounts.ts'

/** Share of items all of whose labels were said, and no other (subset accuracy). */
export default defineMetric({
  id: 'exactSets',
  label: 'Exact sets',
  better: 'higher',
  of: 'labelSets',
  compute({ logits, targets, numLabels }) {
    const count = logits.length / numLabels
    let exact = 0
    for (let item = 0; item < count; item++) {
      const own = logits.subarray(item * numLabels, (item + 1) * numLabels)
      exact += Number(own.every((logit, i) => isSaid(logit) === (targets[item * numLabels + i] === 1)))
    }
    return exact / count
  },
})
