import { checkLabelled, likeliest, type Labelled } from './labelled.ts'
import { labelIssues } from './labelIssues.ts'

/** A label that is so many times less likely than another class is doubtful, where labels are hardly ever wrong … */
const leastRatio = 0.1
/** … and more where they often are: noise itself lends a wrong label as much probability as its rate. */
const mostRatio = 0.25

/**
 * What the doctor flags: examples that are likelier of another class, and either are less likely by far to be what their
 * label says (p_given < r p_likeliest, r = 0.1 + the share that confident learning counts, at most 0.25), or are among the lowest self-confidences that confident learning counts.
 * Counting by thresholds finds too few where a model is sure of nearly everything; the ratio alone finds too few where
 * labels of one class are often given to another. [N], 1 for each such, else 0.
 * @throws DataError `label-probabilities`
 */
export function doubtfulLabels(data: Labelled): Uint8Array {
  checkLabelled(data)
  const counted = labelIssues(data, 'low-self-confidence')
  const share = counted.reduce((sum, flag) => sum + flag, 0) / counted.length
  const least = Math.min(mostRatio, leastRatio + share)
  return Uint8Array.from(data.labels, (label, item) => {
    const best = likeliest(data, item)
    if (best === label) return 0
    const start = item * data.numClasses
    const ratio = data.probabilities[start + label]! / data.probabilities[start + best]!
    return Number(ratio < least || counted[item] === 1)
  })
}
