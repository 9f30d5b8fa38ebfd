import { expect, it } from 'vitest'
import { Generator } from '../../../core/rng.ts'
import { outOfFold } from './outOfFold.ts'

const [rows, width] = [2500, 2]

/** A ring around a cloud: no straight line parts them. */
function ringAndCloud() {
  const generator = new Generator(1, 'ring')
  const labels = Int32Array.from({ length: rows }, (_, row) => row % 2)
  const data = new Float32Array(rows * width)
  for (let row = 0; row < rows; row++) {
    const angle = 2 * Math.PI * generator.uniform(0, row)
    const radius = labels[row] === 0 ? 0.5 * generator.uniform(1, row) : 2 + 0.5 * generator.uniform(1, row)
    data.set([radius * Math.cos(angle), radius * Math.sin(angle)], row * width)
  }
  return { labels, input: { rows, width, data } }
}

it.each([undefined, 60])(
  'judges every item by a model of others, learned from %s of each fold',
  (mostLearned) => {
    const { labels, input } = ringAndCloud()
    const options = { labels, numClasses: 2, folds: 5, seed: 3, features: 64 }
    const shares: number[] = []
    const probabilities = outOfFold(input, {
      ...options,
      ...(mostLearned && { mostLearned }),
      onProgress: (share) => shares.push(share),
    })
    const right = labels.filter((label, row) => probabilities[row * 2 + label]! > 0.5).length
    expect(right / rows).toBeGreaterThan(0.99)
    for (let row = 0; row < rows; row++)
      expect(probabilities[row * 2]! + probabilities[row * 2 + 1]!).toBeCloseTo(1, 9)
    expect(shares.at(-1)).toBe(1)
    expect(shares).toEqual([...shares].sort((a, b) => a - b))
  },
)

it('does not learn an item from itself: labels drawn by lot stay unknown', () => {
  const { input } = ringAndCloud()
  const generator = new Generator(2, 'lot')
  const labels = Int32Array.from({ length: rows }, (_, row) => generator.below(2, 0, row))
  const probabilities = outOfFold(input, { labels, numClasses: 2, folds: 5, seed: 3, features: 64 })
  const right = labels.filter((label, row) => probabilities[row * 2 + label]! > 0.5).length
  // Five deviations of a coin.
  expect(Math.abs(right / rows - 0.5)).toBeLessThan(5 * Math.sqrt(0.25 / rows))
})
