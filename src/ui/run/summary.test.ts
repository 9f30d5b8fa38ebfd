import { expect, it } from 'vitest'
import { trendOf } from './summary.ts'

const wiggle = (i: number) => Math.sin(i * 12.9898) * 0.05

it('calls a loss that goes down falling, and one that goes up rising', () => {
  expect(trendOf(Array.from({ length: 200 }, (_, i) => 4 - i * 0.01 + wiggle(i)))).toBe('falling')
  expect(trendOf(Array.from({ length: 200 }, (_, i) => 2 + i * 0.01 + wiggle(i)))).toBe('rising')
})
it('calls noise about a level flat', () => {
  expect(trendOf(Array.from({ length: 200 }, (_, i) => 2 + wiggle(i)))).toBe('flat')
})
it('says nothing of fewer than four points or of numbers that are not finite', () => {
  expect(trendOf([3, 2, 1])).toBeNull()
  expect(trendOf([3, 2, Number.NaN, 1])).toBeNull()
})
