import { describe, expect, it } from 'vitest'
import { DataError } from '../../../core/errors.ts'
import { Generator } from '../../../core/rng.ts'
import { calibrateJoint, confidentJoint, confidentThresholds } from './confidentJoint.ts'
import type { Labelled } from './labelled.ts'
import { issueFilters, labelIssues, placesOf, rankIssues } from './labelIssues.ts'
import { labelQuality } from './labelQuality.ts'
import { pairwiseSum } from './pairwiseSum.ts'
import { roundRows } from './roundRows.ts'

/** Six examples of two classes; the third is labelled 0 and surely 1. */
const small: Labelled = {
  labels: Int32Array.of(0, 0, 0, 1, 1, 1),
  probabilities: Float64Array.of(0.9, 0.1, 0.8, 0.2, 0.1, 0.9, 0.2, 0.8, 0.3, 0.7, 0.6, 0.4),
  numClasses: 2,
}

describe('confident learning by hand', () => {
  it('takes the mean probability of a class over its examples as its threshold', () => {
    expect([...confidentThresholds(small)]).toEqual([
      expect.closeTo((0.9 + 0.8 + 0.1) / 3, 12),
      expect.closeTo((0.8 + 0.7 + 0.4) / 3, 12),
    ])
  })

  it('counts what reaches a threshold, and leaves out what reaches none', () => {
    // Thresholds 0.6 and 0.6333: items 0, 1 → 0; 2, 3, 4 → 1; the last one reaches 0.6 of class 0.
    const { counts, guesses } = confidentJoint(small)
    expect([...guesses]).toEqual([0, 0, 1, 1, 1, 0])
    expect([...counts]).toEqual([2, 1, 1, 2])
    expect([...calibrateJoint(counts, small)]).toEqual([2, 1, 1, 2])
  })

  it('flags the two that the joint has off its diagonal, whatever the filter', () => {
    for (const filter of issueFilters)
      expect([filter, ...placesOf(labelIssues(small, filter))]).toEqual([filter, 2, 5])
    expect([...rankIssues(small, labelIssues(small, 'both'), 'self-confidence')]).toEqual([2, 5])
  })

  it('scores labels by the given class, by its margin, by the entropy', () => {
    expect(labelQuality(small, 'self-confidence')[2]).toBe(0.1)
    expect(labelQuality(small, 'normalized-margin')[2]).toBeCloseTo(0.1, 12)
    const entropy = -(0.1 * Math.log(0.1) + 0.9 * Math.log(0.9)) / Math.log(2) / 0.1
    expect(labelQuality(small, 'confidence-weighted-entropy')[2]).toBeCloseTo(
      Math.log(entropy + 1) / entropy,
      12,
    )
  })
})

it('flags nothing where every example is likeliest what its label says', () => {
  const labels = Int32Array.from({ length: 90 }, (_, i) => i % 3)
  const probabilities = Float64Array.from({ length: 270 }, (_, i) =>
    i % 3 === Math.floor(i / 3) % 3 ? 0.5 : 0.25,
  )
  for (const filter of issueFilters)
    expect(placesOf(labelIssues({ labels, probabilities, numClasses: 3 }, filter))).toHaveLength(0)
})

it('keeps an example of each class, and takes a class that nobody was given', () => {
  const labels = Int32Array.of(0, 1, 1, 1)
  const probabilities = Float64Array.of(0, 0, 1, 0, 0.1, 0.9, 0, 0.2, 0.8, 0, 0.3, 0.7)
  for (const filter of ['prune-by-class', 'prune-by-noise-rate', 'both'] as const)
    expect(labelIssues({ labels, probabilities, numClasses: 3 }, filter).slice(0, 1)).toEqual(
      Uint8Array.of(0),
    )
  expect(confidentThresholds({ labels, probabilities, numClasses: 3 })[2]).toBe(2)
})

it.each([
  ['another number of probabilities', { ...small, probabilities: small.probabilities.slice(1) }],
  ['one class', { ...small, numClasses: 1 }],
  ['a label out of range', { ...small, labels: small.labels.with(0, 2) }],
  ['NaN', { ...small, probabilities: small.probabilities.with(3, NaN) }],
  ['rows that do not sum to 1', { ...small, probabilities: small.probabilities.with(3, 0.9) }],
  ['nothing', { labels: new Int32Array(0), probabilities: new Float64Array(0), numClasses: 2 }],
])('refuses %s', (_, data) => {
  expect(() => labelIssues(data, 'both')).toThrow(DataError)
})

it('adds up whole numbers exactly, of any length', () => {
  for (const length of [1, 2, 7, 8, 9, 128, 129, 1000])
    expect(pairwiseSum(Float64Array.from({ length }, (_, i) => i))).toBe((length * (length - 1)) / 2)
})

it('rounds rows so that their totals stay', () => {
  const matrix = Float64Array.from(new Generator(1, 'rows').normals(40), (value) => Math.abs(value) * 5)
  for (let at = 0; at < 40; at += 8) {
    const row = matrix.subarray(at, at + 8)
    const scale = Math.round(row.reduce((a, b) => a + b)) / row.reduce((a, b) => a + b)
    row.forEach((value, i) => (row[i] = value * scale))
  }
  const rounded = roundRows(matrix, 8)
  for (let at = 0; at < 40; at += 8) {
    const total = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b)
    expect(total(rounded.subarray(at, at + 8))).toBeCloseTo(total(matrix.subarray(at, at + 8)), 9)
  }
  rounded.forEach((value, i) => expect(Math.abs(value - matrix[i]!)).toBeLessThanOrEqual(1))
})
