import { expect, it } from 'vitest'
import { Generator } from '../../../core/rng.ts'
import { doubtfulLabels } from './doubtfulLabels.ts'

const numClasses = 4

/** A calibrated model that is right in `accuracy` of the cases, and labels of which `noise` are flipped. */
function planted(accuracy: number, noise: number, count = 4000) {
  const generator = new Generator(2, 'doubtful labels')
  const probabilities = new Float64Array(count * numClasses)
  const labels = new Int32Array(count)
  const isFlipped = new Uint8Array(count)
  for (let item = 0; item < count; item++) {
    const first = generator.below(numClasses, 0, item)
    const second = (first + 1 + generator.below(numClasses - 1, 1, item)) % numClasses
    // An even share of doubt makes a quarter of the doubtful ones errors.
    const isUnsure = generator.uniform(2, item) < 4 * (1 - accuracy)
    const doubt = (isUnsure ? 1 : 0.02) * generator.uniform(3, item)
    const truth = generator.uniform(6, item) < doubt ? second : first
    const row = probabilities.subarray(item * numClasses, (item + 1) * numClasses)
    row.fill(noise / (numClasses - 1))
    row[first] = (1 - noise) * (1 - doubt)
    row[second]! += (1 - noise) * doubt
    const sum = row.reduce((a, b) => a + b)
    for (let k = 0; k < numClasses; k++) row[k]! /= sum
    isFlipped[item] = Number(generator.uniform(4, item) < noise)
    labels[item] = isFlipped[item]
      ? (truth + 1 + generator.below(numClasses - 1, 5, item)) % numClasses
      : truth
  }
  const flags = doubtfulLabels({ labels, probabilities, numClasses })
  const share = (wanted: number) => {
    const own = flags.filter((_, item) => isFlipped[item] === wanted)
    return own.reduce((sum, flag) => sum + flag, 0) / own.length
  }
  return { found: share(1), clean: share(0), flagged: flags.reduce((sum, flag) => sum + flag, 0) / count }
}

it.each([
  [0.98, 0.05],
  [0.98, 0.2],
  [0.92, 0.1],
  [0.88, 0.05],
  [0.88, 0.2],
])('finds most flips and few others where a model is right in %f and %f are flipped', (accuracy, noise) => {
  const { found, clean } = planted(accuracy, noise)
  expect(found).toBeGreaterThan(0.85)
  expect(clean).toBeLessThan(0.05)
})

it('flags at most two in a hundred where nothing is wrong', () => {
  expect(planted(0.9, 0).flagged).toBeLessThan(0.02)
})

it('flags nothing that the model agrees with, nor what it has no opinion on', () => {
  const probabilities = Float64Array.of(0.9, 0.1, 0.5, 0.5, 0.45, 0.55)
  expect([...doubtfulLabels({ labels: Int32Array.of(0, 1, 0), probabilities, numClasses: 2 })]).toEqual([
    0, 0, 0,
  ])
})
