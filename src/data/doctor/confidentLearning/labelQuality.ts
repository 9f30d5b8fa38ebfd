import { closeness } from './confidentJoint.ts'
import type { Labelled } from './labelled.ts'

/** How sure one may be of each example's label: higher is better. */
export const qualityMethods = ['self-confidence', 'normalized-margin', 'confidence-weighted-entropy'] as const
export type QualityMethod = (typeof qualityMethods)[number]

/**
 * A score from 0 to 1 for the label of each example (Kuan and Mueller 2022, "Model-agnostic label quality scoring to
 * detect real-world label errors"), p being the probability of the given label:
 * self-confidence p; normalized margin (p - largest other + 1) / 2; confidence-weighted entropy log(1 + q) / q with
 * q = entropy / log(classes) / p. [N]
 */
export function labelQuality(data: Labelled, method: QualityMethod): Float64Array {
  const { labels, probabilities, numClasses } = data
  return Float64Array.from(labels, (label, item) => {
    const row = probabilities.subarray(item * numClasses, (item + 1) * numClasses)
    const own = row[label]!
    if (method === 'self-confidence') return own
    if (method === 'normalized-margin') return (own - largestOther(row, label) + 1) / 2
    const weighted = entropy(row) / Math.log(numClasses) / Math.max(own, closeness)
    return Math.log(weighted + 1) / Math.max(weighted, closeness)
  })
}

function largestOther(row: Float64Array, label: number): number {
  let most = -Infinity
  row.forEach((value, k) => {
    if (k !== label && value > most) most = value
  })
  return most
}

function entropy(row: Float64Array): number {
  let sum = 0
  for (const value of row) if (value > 0) sum -= value * Math.log(value)
  return sum
}
