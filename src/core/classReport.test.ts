import { expect, it } from 'vitest'
import { classReport, meanScores } from './classReport.ts'
import { Generator } from './rng.ts'

it('tells each class by itself', () => {
  // Three of class 0, one of them taken for 1; one of class 1; class 2 is said once and never there.
  const { classes, accuracy, balancedAccuracy, items } = classReport([2, 0, 1, 0, 1, 0, 0, 0, 0])
  expect(items).toBe(4)
  expect(accuracy).toBe(3 / 4)
  expect(balancedAccuracy).toBeCloseTo((2 / 3 + 1) / 2, 12)
  expect(classes[0]).toEqual({ precision: 1, recall: 2 / 3, f1: 4 / 5, there: 3, said: 2 })
  expect(classes[2]).toEqual({ precision: 0, recall: 0, f1: 0, there: 0, said: 1 })
  expect(meanScores(classes, 'macro').precision).toBeCloseTo(2 / 3, 12)
  expect(meanScores(classes, 'weighted').recall).toBe(accuracy)
})

it('gives Matthews’ coefficient as the correlation of indicators, and kappa as agreement beyond chance', () => {
  const generator = new Generator(5, 'tests')
  const items = Array.from({ length: 60 }, (_, i) => {
    const right = Math.floor(4 * generator.uniform(0, i))
    return [right, generator.uniform(1, i) < 0.6 ? right : Math.floor(4 * generator.uniform(2, i))] as const
  })
  const counts = new Array<number>(16).fill(0)
  for (const [right, said] of items) counts[4 * right + said]!++
  const covariance = (a: 0 | 1, b: 0 | 1) =>
    [0, 1, 2, 3].reduce((sum, own) => {
      const share = (side: 0 | 1) => items.filter((item) => item[side] === own).length / items.length
      const both = items.filter((item) => item[a] === own && item[b] === own).length / items.length
      return sum + both - share(a) * share(b)
    }, 0)
  const { matthews, kappa } = classReport(counts)
  expect(matthews).toBeCloseTo(covariance(0, 1) / Math.sqrt(covariance(0, 0) * covariance(1, 1)), 12)
  let chance = 0
  for (const [right] of items) for (const [, said] of items) if (right === said) chance++
  chance /= items.length ** 2
  const agreed = items.filter(([right, said]) => right === said).length / items.length
  expect(kappa).toBeCloseTo((agreed - chance) / (1 - chance), 12)
})

it('has no agreement beyond chance where there is one class alone', () => {
  expect(classReport([5, 0, 0, 0])).toMatchObject({ accuracy: 1, matthews: 0, kappa: null })
})
