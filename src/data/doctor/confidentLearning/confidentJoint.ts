import { labelCounts, likeliest, type Labelled } from './labelled.ts'
import { pairwiseSum } from './pairwiseSum.ts'
import { roundRows } from './roundRows.ts'

/** Probabilities that differ by less count as equal. */
export const closeness = 1e-6
/** Of a class that nobody was given: no probability reaches it. */
const unreachable = 2

/**
 * t_k, the mean of p_k over the examples labelled k; 2 where there are none, and at least 2e-6 (Northcutt, Jiang and
 * Chuang 2021, "Confident learning: estimating uncertainty in dataset labels", equation 2). [numClasses]
 */
export function confidentThresholds({ labels, probabilities, numClasses }: Labelled): Float64Array {
  const own = Array.from({ length: numClasses }, (): number[] => [])
  labels.forEach((label, item) => own[label]!.push(probabilities[item * numClasses + label]!))
  return Float64Array.from(own, (values) =>
    values.length === 0 ? unreachable : Math.max(2 * closeness, pairwiseSum(values) / values.length),
  )
}

export interface ConfidentJoint {
  /** [given, guess] row-major: examples of each label whose true class is held for that. The diagonal is at least 1. */
  readonly counts: Int32Array
  /** Of each example: the class whose threshold it reaches, the likeliest where it reaches several, -1 where none. [N] */
  readonly guesses: Int32Array
}

/** The counts as they are, not yet brought to the label counts (section 3.1 there). */
export function confidentJoint(data: Labelled, thresholds = confidentThresholds(data)): ConfidentJoint {
  const { labels, probabilities, numClasses } = data
  const counts = new Int32Array(numClasses * numClasses)
  const guesses = new Int32Array(labels.length).fill(-1)
  labels.forEach((label, item) => {
    let reached = 0
    let guess = -1
    for (let k = 0; k < numClasses; k++) {
      if (probabilities[item * numClasses + k]! < thresholds[k]! - closeness) continue
      if (reached++ === 0) guess = k
    }
    if (reached > 1) guess = likeliest(data, item)
    if (guess < 0) return
    guesses[item] = guess
    counts[label * numClasses + guess]!++
  })
  for (let k = 0; k < numClasses; k++) counts[k * numClasses + k] = Math.max(1, counts[k * numClasses + k]!)
  return { counts, guesses }
}

/**
 * The joint with its rows brought to the label counts and its sum to N, in whole numbers that keep the row totals
 * (equation 3 there). [given, guess]
 */
export function calibrateJoint(
  counts: Int32Array,
  data: Pick<Labelled, 'labels' | 'numClasses'>,
): Int32Array {
  const { numClasses } = data
  const ofLabel = labelCounts(data)
  const scaled = new Float64Array(counts.length)
  // Column by column, the order in which the reference adds them up.
  const byGuess = new Float64Array(counts.length)
  for (let given = 0; given < numClasses; given++) {
    const row = counts.subarray(given * numClasses, (given + 1) * numClasses)
    const total = row.reduce((sum, count) => sum + count, 0)
    row.forEach((count, guess) => {
      const value = (count / total) * ofLabel[given]!
      scaled[given * numClasses + guess] = value
      byGuess[guess * numClasses + given] = value
    })
  }
  const sum = pairwiseSum(byGuess)
  return roundRows(
    scaled.map((value) => (value / sum) * data.labels.length),
    numClasses,
  )
}

/** A joint of counts as shares of all. */
export function estimatedJoint(calibrated: Int32Array): Float64Array {
  const total = calibrated.reduce((sum, count) => sum + count, 0)
  return Float64Array.from(calibrated, (count) => count / total)
}

/**
 * How frequent each class truly is: its column total over its row total, times how often it was given. At least 1e-6 of
 * all, summing to 1. [numClasses]
 */
export function estimatedPrior(
  calibrated: Int32Array,
  data: Pick<Labelled, 'labels' | 'numClasses'>,
): Float64Array {
  const { numClasses } = data
  const given = labelCounts(data)
  const priors = Float64Array.from({ length: numClasses }, (_, k) => {
    let [row, column] = [0, 0]
    for (let other = 0; other < numClasses; other++) {
      row += calibrated[k * numClasses + other]!
      column += calibrated[other * numClasses + k]!
    }
    // Zero on the diagonal makes both conditional probabilities zero.
    if (row === 0 || calibrated[k * numClasses + k] === 0) return 0
    return (column / row) * (given[k]! / data.labels.length)
  })
  const clipped = priors.map((prior) => Math.min(1, Math.max(closeness, prior)))
  const total = pairwiseSum(clipped)
  return clipped.map((prior) => prior / total)
}
