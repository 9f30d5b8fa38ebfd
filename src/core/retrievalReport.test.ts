import { expect, it } from 'vitest'
import { retrievalReport } from './retrievalReport.ts'

it('means what its words say, counted by hand', () => {
  // Right at ranks 1 and 3 of 4; at rank 2; nowhere.
  const rankings = [
    [true, false, true, false],
    [false, true, false, false],
    [false, false, false, false],
  ]
  const { averagePrecision, reciprocalRank, at } = retrievalReport(rankings, [1, 3])
  expect(averagePrecision).toBeCloseTo(((1 + 2 / 3) / 2 + 1 / 2) / 2, 12)
  expect(reciprocalRank).toBeCloseTo((1 + 1 / 2) / 3, 12)
  const [one, three] = at
  expect(one).toEqual({ first: 1, anyHit: 1 / 3, recall: 1 / 6, precision: 1 / 3, gain: 1 / 3 })
  const best = 1 + 1 / Math.log2(3)
  expect(three!.anyHit).toBeCloseTo(2 / 3, 12)
  expect(three!.recall).toBeCloseTo(2 / 3, 12)
  expect(three!.precision).toBeCloseTo((2 / 3 + 1 / 3) / 3, 12)
  expect(three!.gain).toBeCloseTo(((1 + 1 / Math.log2(4)) / best + 1 / Math.log2(3)) / 3, 12)
})

it('says nothing of precision where nothing is right for any query', () => {
  expect(retrievalReport([[false]], [1])).toMatchObject({ averagePrecision: null, reciprocalRank: 0 })
})
