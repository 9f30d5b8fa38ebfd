import { expect, it } from 'vitest'
import { Generator } from './rng.ts'
import { valuesReport } from './valuesReport.ts'

/** Whole numbers, so that many are equal. */
function drawn(seed: number, count: number, most: number): number[] {
  const generator = new Generator(seed, 'tests')
  return Array.from({ length: count }, (_, i) => Math.floor(generator.uniform(0, i) * most))
}

/** By looking at every two. */
function kendallOf(a: readonly number[], b: readonly number[]): number {
  let [both, own, other] = [0, 0, 0]
  for (let i = 0; i < a.length; i++)
    for (let j = 0; j < i; j++) {
      const [x, y] = [Math.sign(a[i]! - a[j]!), Math.sign(b[i]! - b[j]!)]
      both += x * y
      own += x * x
      other += y * y
    }
  return both / Math.sqrt(own * other)
}

it.each([2, 3, 17, 64, 100])('counts the order of every two of %i, equals among them', (count) => {
  for (const most of [3, 1000]) {
    const [a, b] = [drawn(count, count, most), drawn(count + 1, count, most)]
    const { kendall } = valuesReport(a, b)
    const expected = kendallOf(a, b)
    if (Number.isNaN(expected)) expect(kendall).toBeNull()
    else expect(kendall).toBeCloseTo(expected, 12)
  }
})

it('sees nothing but order in ranks, and equals in the middle of theirs', () => {
  const right = [1, 2, 2, 4]
  // Ranks 0, 1.5, 1.5, 3 on either side.
  expect(valuesReport(right, [10, 100, 100, 5000]).spearman).toBeCloseTo(1, 12)
  expect(valuesReport(right, [3, 2, 2, 1]).spearman).toBeCloseTo(-1, 12)
  expect(valuesReport(right, [10, 100, 100, 5000]).pearson).toBeLessThan(0.95)
})

it('has no correlation with what never changes', () => {
  expect(valuesReport([1, 2, 4], [5, 5, 5])).toEqual({
    items: 3,
    medianAbsoluteError: 3,
    pearson: null,
    spearman: null,
    kendall: null,
  })
})
