import { expect, it } from 'vitest'
import { numericDrift } from './numericDrift.ts'
import { shareDrift } from './shareDrift.ts'

const a = Array.from({ length: 40 }, (_, i) => ((i * i) % 17) / 4)
const b = Array.from({ length: 55 }, (_, i) => ((i * i) % 23) / 5 + 0.5)

it('equals scipy on two samples with ties', () => {
  // scipy 1.17.1: ks_2samp(a, b).statistic, kstwobign.sf(statistic * sqrt(40 * 55 / 95)), wasserstein_distance(a, b)
  const { ks, pValue, wasserstein } = numericDrift(a, b)
  expect(ks).toBeCloseTo(0.24545454545454545, 12)
  expect(pValue).toBeCloseTo(0.1227611250760548, 12)
  expect(wasserstein).toBeCloseTo(0.3174999999999999, 12)
})

it('equals scipy on counts', () => {
  // scipy 1.17.1: jensenshannon([5, 9, 0, 6], [1, 4, 8, 7], 2) ** 2
  const { jensenShannon, psi } = shareDrift([5, 9, 0, 6], [1, 4, 8, 7])
  expect(jensenShannon).toBeCloseTo(0.28947543175381146, 12)
  const terms = [
    [0.25, 0.05],
    [0.45, 0.2],
    [1e-4, 0.4],
    [0.3, 0.35],
  ].map(([p, q]) => (q! - p!) * Math.log(q! / p!))
  expect(psi).toBeCloseTo(
    terms.reduce((sum, term) => sum + term, 0),
    12,
  )
})

it('is nothing for the same sample, and a shift for a shifted one', () => {
  expect(numericDrift(a, a)).toEqual({ ks: 0, pValue: 1, wasserstein: 0 })
  const shifted = numericDrift(
    a,
    a.map((value) => value + 100),
  )
  expect(shifted.ks).toBe(1)
  expect(shifted.pValue).toBeLessThan(1e-15)
  expect(shifted.wasserstein).toBeCloseTo(100, 10)
  expect(shareDrift([3, 5], [30, 50])).toEqual({ psi: 0, jensenShannon: 0 })
})
