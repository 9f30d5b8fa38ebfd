import { expect, it } from 'vitest'
import { homogeneity, upperGamma } from './chiSquare.ts'

it('equals scipy', () => {
  // scipy 1.17.1: chi2_contingency([[5, 9, 0, 6], [1, 4, 8, 7]], correction=False)
  expect(homogeneity([5, 9, 0, 6], [1, 4, 8, 7])).toBeCloseTo(0.00541581953166006, 14)
  // scipy.special.gammaincc
  expect(upperGamma(0.5, 0.1)).toBeCloseTo(0.6547208460185768, 13)
  expect(upperGamma(3, 10)).toBeCloseTo(0.0027693957155115775, 15)
  expect(upperGamma(25, 20)).toBeCloseTo(0.8432273781737623, 13)
  expect(upperGamma(0.5, 200) / 5.507248237212379e-89).toBeCloseTo(1, 10)
})

it('is 1 for the same shares, and where there is one category', () => {
  expect(homogeneity([3, 5], [30, 50])).toBe(1)
  expect(homogeneity([7], [9])).toBe(1)
  expect(homogeneity([7, 0], [9, 0])).toBe(1)
})
