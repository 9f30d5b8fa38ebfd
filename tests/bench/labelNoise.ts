import { Generator } from '../../src/core/rng.ts'
import { doubtfulLabels } from '../../src/data/doctor/confidentLearning/doubtfulLabels.ts'
import type { DoctorSet } from '../../src/data/doctor/doctorSet.ts'
import { setFeatures } from '../../src/data/doctor/features/setFeatures.ts'
import { labelProbabilities } from '../../src/data/doctor/labelProbabilities.ts'

export interface NoiseResult {
  /** Share of examples that the model of the noisy labels puts into their true class. */
  readonly accuracy: number
  /** Share of the flipped labels that are flagged. */
  readonly found: number
  /** Share of the others that are flagged. */
  readonly cleanFlagged: number
}

export const noises = ['uniform', 'by-class'] as const
export const rates = [0.05, 0.1, 0.2] as const
/** Not the one that the doctor's limits were chosen on. */
const seed = 11

/**
 * Flips labels of a set and looks for them. uniform: to any other class; by-class: to the next one, as often in every class.
 * The set must have a label for each item.
 */
export function measureNoise(set: DoctorSet, noise: (typeof noises)[number], rate: number): NoiseResult {
  const { values, classes } = set.labels!
  const numClasses = classes.length
  const generator = new Generator(seed, `label noise ${noise}`)
  const labels = values.map((label, item) => {
    if (generator.uniform(0, item) >= rate) return label
    const step = noise === 'uniform' ? 1 + generator.below(numClasses - 1, 1, item) : 1
    return (label + step) % numClasses
  })
  const probabilities = labelProbabilities(setFeatures(set), { values: labels, classes }, { seed: 0 })
  const flags = doubtfulLabels({ labels, probabilities, numClasses })
  let [flipped, found, cleanFlagged, right] = [0, 0, 0, 0]
  labels.forEach((label, item) => {
    const isFlipped = label !== values[item]
    if (isFlipped) flipped++
    if (flags[item] === 1 && isFlipped) found++
    if (flags[item] === 1 && !isFlipped) cleanFlagged++
    const row = probabilities.subarray(item * numClasses, (item + 1) * numClasses)
    if (row.indexOf(row.reduce((a, b) => Math.max(a, b))) === values[item]) right++
  })
  return {
    accuracy: right / labels.length,
    found: found / flipped,
    cleanFlagged: cleanFlagged / (labels.length - flipped),
  }
}
