import { expect, it } from 'vitest'
import { interval } from './interval.ts'

it('is Student’s', () => {
  const { mean, halfWidth } = interval([1, 2, 4])
  expect(mean).toBeCloseTo(7 / 3, 12)
  // By hand: t of 2 degrees is 4.3027, the standard error √(7/3)/√3 = 0.88192.
  expect(halfWidth).toBeCloseTo(3.79448, 3)
})

it('knows nothing of others from one', () => {
  expect(interval([5])).toEqual({ mean: 5, halfWidth: null })
})
