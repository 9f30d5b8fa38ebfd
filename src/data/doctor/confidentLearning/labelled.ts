import { DataError } from '../../../core/errors.ts'
import { showValue } from '../../../core/showValue.ts'

/** Examples with the labels that they were given and what a model that has not seen them holds for likely. */
export interface Labelled {
  /** [N], 0 to numClasses - 1 */
  readonly labels: Int32Array
  /** [N, numClasses] row-major: out-of-sample probabilities, each row from 0 to 1 and summing to 1. */
  readonly probabilities: Float64Array
  readonly numClasses: number
}

/** Rows of float32 probabilities, or of rounded ones, do not sum to 1 exactly. */
const sumTolerance = 1e-2

/** @throws DataError `label-probabilities` where sizes do not fit, or a label or probability is out of range */
export function checkLabelled({ labels, probabilities, numClasses }: Labelled): void {
  if (numClasses < 2) throw wrong('there must be at least 2 classes', numClasses)
  if (labels.length === 0) throw wrong('there must be labels', 0)
  if (probabilities.length !== labels.length * numClasses)
    throw wrong(`there must be ${labels.length} × ${numClasses} probabilities`, probabilities.length)
  const label = labels.find((own) => own < 0 || own >= numClasses)
  if (label !== undefined) throw wrong(`labels must be from 0 to ${numClasses - 1}`, label)
  for (let row = 0; row < labels.length; row++) {
    let sum = 0
    for (let k = 0; k < numClasses; k++) {
      const value = probabilities[row * numClasses + k]!
      if (!(value >= 0 && value <= 1)) throw wrong(`probabilities of item ${row} must be from 0 to 1`, value)
      sum += value
    }
    if (Math.abs(sum - 1) > sumTolerance) throw wrong(`probabilities of item ${row} must sum to 1`, sum)
  }
}

function wrong(rule: string, got: unknown): DataError {
  return new DataError(`Confident learning: ${rule}, got ${showValue(got)}`, {
    code: 'label-probabilities',
    remedy: 'Give one label for each item, and one row of probabilities that sum to 1.',
  })
}

/** The first of the most likely classes of an example; `ownBonus` is added to the probability of its label. */
export function likeliest(
  { labels, probabilities, numClasses }: Labelled,
  item: number,
  ownBonus = 0,
): number {
  let best = 0
  let most = -Infinity
  for (let k = 0; k < numClasses; k++) {
    const value = probabilities[item * numClasses + k]! + (labels[item] === k ? ownBonus : 0)
    if (value > most) {
      most = value
      best = k
    }
  }
  return best
}

/** How many examples each class was given. [numClasses] */
export function labelCounts({ labels, numClasses }: Pick<Labelled, 'labels' | 'numClasses'>): Int32Array {
  const counts = new Int32Array(numClasses)
  for (const label of labels) counts[label]!++
  return counts
}
