import { expect, it } from 'vitest'
import { shareInterval } from './shareInterval.ts'

it.each([
  // Where |p − share| = z √(p (1 − p) / n), found by bisection in float64.
  [8, 10, 0.4901625, 0.9433178],
  [0, 10, 0, 0.2775328],
  [50, 50, 0.928652, 1],
  [930, 1000, 0.9124854, 0.9442236],
])('%i of %i', (count, of, low, high) => {
  const found = shareInterval(count / of, of)
  expect(found[0]).toBeCloseTo(low, 5)
  expect(found[1]).toBeCloseTo(high, 5)
})
