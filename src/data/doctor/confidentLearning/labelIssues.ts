import { calibrateJoint, closeness, confidentJoint } from './confidentJoint.ts'
import { checkLabelled, labelCounts, likeliest, type Labelled } from './labelled.ts'
import { labelQuality, type QualityMethod } from './labelQuality.ts'
import { pruneCounts } from './pruneCounts.ts'

export const issueFilters = [
  'prune-by-noise-rate',
  'prune-by-class',
  'both',
  'confident-learning',
  'predicted-neq-given',
  'low-normalized-margin',
  'low-self-confidence',
] as const
export type IssueFilter = (typeof issueFilters)[number]

/**
 * Examples whose labels are likely wrong: 1 for each such, else 0. [N] (Northcutt et al. 2021, section 3.2, with
 * the counts and tie rules of cleanlab 2.9). Ties are broken by place.
 *
 * - prune-by-noise-rate: of each pair (given, guess) as many as the calibrated joint counts, those with the largest
 *   p_guess - p_given.
 * - prune-by-class: of each class as many as its row has off the diagonal, those with the smallest p_given.
 * - both: what both of these flag. confident-learning: what the joint counts off its diagonal.
 * - predicted-neq-given: what is likelier to be another class.
 * - low-…: as many as confident-learning flags, those with the lowest quality.
 *
 * All but the last never flag an example whose likeliest class is its label.
 * @throws DataError `label-probabilities`
 */
export function labelIssues(data: Labelled, filter: IssueFilter): Uint8Array {
  checkLabelled(data)
  switch (filter) {
    case 'low-normalized-margin':
    case 'low-self-confidence':
      return lowest(data, filter === 'low-self-confidence' ? 'self-confidence' : 'normalized-margin')
    case 'confident-learning':
      return withoutAgreed(data, offDiagonal(data))
    case 'predicted-neq-given':
      return withoutAgreed(
        data,
        Uint8Array.from(data.labels, (label, item) => Number(likeliest(data, item) !== label)),
      )
    case 'prune-by-class':
      return withoutAgreed(data, byClass(data, pruneCounts(calibrated(data), data.numClasses)))
    case 'prune-by-noise-rate':
      return withoutAgreed(data, byNoiseRate(data, pruneCounts(calibrated(data), data.numClasses)))
    case 'both': {
      const counts = pruneCounts(calibrated(data), data.numClasses)
      const other = byClass(data, counts)
      return withoutAgreed(
        data,
        byNoiseRate(data, counts).map((flag, item) => flag & other[item]!),
      )
    }
  }
}

/** Flagged examples, the worst first by a quality score; equal ones by place. */
export function rankIssues(data: Labelled, flags: Uint8Array, method: QualityMethod): Int32Array {
  const scores = labelQuality(data, method)
  return placesOf(flags).sort((a, b) => scores[a]! - scores[b]! || a - b)
}

export function placesOf(flags: Uint8Array): Int32Array {
  return Int32Array.from(flags.keys()).filter((item) => flags[item] === 1)
}

function calibrated(data: Labelled): Int32Array {
  return calibrateJoint(confidentJoint(data).counts, data)
}

function offDiagonal(data: Labelled): Uint8Array {
  const { guesses } = confidentJoint(data)
  return Uint8Array.from(data.labels, (label, item) => Number(guesses[item]! >= 0 && guesses[item] !== label))
}

/** Clears what is likeliest to be what its label says, up to a rounding error. */
function withoutAgreed(data: Labelled, flags: Uint8Array): Uint8Array {
  return flags.map((flag, item) => (likeliest(data, item, closeness) === data.labels[item] ? 0 : flag))
}

function lowest(data: Labelled, method: QualityMethod): Uint8Array {
  const count = placesOf(labelIssues(data, 'confident-learning')).length
  const scores = labelQuality(data, method)
  return flagged(data.labels.length, inOrder(Int32Array.from(scores.keys()), scores).subarray(0, count))
}

function byClass(data: Labelled, counts: Int32Array): Uint8Array {
  const { probabilities, numClasses } = data
  return eachClass(data, (label, own) => {
    const wrong = own.length - counts[label * numClasses + label]!
    const scores = Float64Array.from(own, (item) => probabilities[item * numClasses + label]!)
    return wrong >= 1 ? [inOrder(own, scores).subarray(0, wrong)] : []
  })
}

function byNoiseRate(data: Labelled, counts: Int32Array): Uint8Array {
  const { probabilities, numClasses } = data
  return eachClass(data, (label, own) =>
    Array.from({ length: numClasses }, (_, guess) => {
      const wrong = guess === label ? 0 : counts[label * numClasses + guess]!
      const start = (item: number) => item * numClasses
      const margins = Float64Array.from(
        own,
        (item) => -(probabilities[start(item) + guess]! - probabilities[start(item) + label]!),
      )
      return inOrder(own, margins).subarray(0, wrong)
    }),
  )
}

/** A class with a single example keeps it. */
function eachClass(data: Labelled, wrongOf: (label: number, own: Int32Array) => Int32Array[]): Uint8Array {
  const flags = new Uint8Array(data.labels.length)
  labelCounts(data).forEach((count, label) => {
    if (count <= 1) return
    const own = Int32Array.from(data.labels.keys()).filter((item) => data.labels[item] === label)
    for (const items of wrongOf(label, own)) for (const item of items) flags[item] = 1
  })
  return flags
}

function flagged(length: number, items: Int32Array): Uint8Array {
  const flags = new Uint8Array(length)
  for (const item of items) flags[item] = 1
  return flags
}

/** Items by their scores, the lowest first; equal ones stay in order. */
function inOrder(items: Int32Array, scores: Float64Array): Int32Array {
  const order = Int32Array.from(items.keys()).sort((a, b) => scores[a]! - scores[b]! || a - b)
  return order.map((place) => items[place]!)
}
