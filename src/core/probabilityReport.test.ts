import { describe, expect, it } from 'vitest'
import { Generator } from './rng.ts'
import { calibration } from './calibration.ts'
import { pairwiseAuroc, probabilityReport } from './probabilityReport.ts'
import { auroc, averagePrecision, rocCurve } from './scoreRanking.ts'

const rows = [
  [0.27, 0.42, 0.31],
  [0.33, 0.23, 0.44],
  [0.09, 0.36, 0.55],
  [0.17, 0.56, 0.27],
  [0.24, 0.74, 0.02],
  [0.05, 0.01, 0.94],
  [0.2, 0.28, 0.52],
  [0.43, 0.17, 0.4],
  [0.1, 0.78, 0.12],
  [0.69, 0.18, 0.13],
  [0.13, 0.62, 0.25],
  [0.46, 0.01, 0.53],
]
const targets = Int32Array.of(2, 0, 0, 1, 0, 1, 2, 2, 0, 1, 1, 1)

describe('probabilityReport', () => {
  it('tells what scikit-learn tells', () => {
    const given = { probabilities: Float64Array.from(rows.flat()), targets, numClasses: 3 }
    const report = probabilityReport(given)
    expect(report.logLoss).toBeCloseTo(1.8308919132379575, 12)
    expect(report.brier).toBeCloseTo(0.9321166666666666, 12)
    expect(pairwiseAuroc(given)).toBeCloseTo(0.4166666666666667, 12)
    const areas = [0.34375, 0.3142857142857143, 0.5925925925925926]
    expect(report.meanAuroc).toBeCloseTo((areas[0]! + areas[1]! + areas[2]!) / 3, 12)
    const precisions = [0.3117424242424242, 0.4, 0.33730158730158727]
    for (const [own, { auroc: area, averagePrecision: precision }] of report.classes.entries()) {
      expect(area).toBeCloseTo(areas[own]!, 12)
      expect(precision).toBeCloseTo(precisions[own]!, 12)
    }
    expect(report.amongFirst.map((share) => Math.round(share * 12))).toEqual([3, 8, 12])
  })

  it('says nothing of classes that tell nothing apart, and stays finite', () => {
    const given = { probabilities: Float64Array.of(0, 1, 0, 1), targets: Int32Array.of(0, 0), numClasses: 2 }
    const { classes, meanAuroc, logLoss, brier } = probabilityReport(given)
    expect(classes).toEqual([
      { auroc: null, averagePrecision: 1 },
      { auroc: null, averagePrecision: null },
    ])
    expect([meanAuroc, pairwiseAuroc(given), brier]).toEqual([null, null, 2])
    expect(logLoss).toBeCloseTo(-Math.log(2 ** -52), 10)
  })
})

describe('rankings of scores', () => {
  it('end where scores are not numbers', () => {
    expect(auroc([NaN, NaN, 0], [true, false, true])).not.toBeNull()
    expect(averagePrecision([NaN, NaN], [false, false])).toBeNull()
  })

  it('follows the curve that scikit-learn draws, past equal scores at once', () => {
    expect(rocCurve([0.5, 0.5, 0.9, 0.1, 0.5], [true, false, true, false, false])).toEqual({
      falsePositives: [0, 0, 2 / 3, 1],
      truePositives: [0, 0.5, 1, 1],
    })
  })

  it('is the share of pairs in the right order, half of equal ones', () => {
    const drawn = new Generator(5, 'ranking')
    const scores = Array.from({ length: 80 }, (_, i) => drawn.below(12, 0, i))
    const isRight = scores.map((score, i) => drawn.uniform(1, i) * 16 < score)
    let [pairs, inOrder] = [0, 0]
    for (const [i, a] of scores.entries())
      for (const [j, b] of scores.entries())
        if (isRight[i] && !isRight[j]) {
          pairs++
          inOrder += a > b ? 1 : a === b ? 0.5 : 0
        }
    expect(auroc(scores, isRight)).toBeCloseTo(inOrder / pairs, 12)
    const precisions = scores.flatMap((score, i) => {
      if (!isRight[i]) return []
      const above = scores.flatMap((other, j) => (other >= score ? [Number(isRight[j])] : []))
      return [above.reduce((sum, right) => sum + right, 0) / above.length]
    })
    const mean = precisions.reduce((sum, precision) => sum + precision, 0) / precisions.length
    expect(averagePrecision(scores, isRight)).toBeCloseTo(mean, 12)
  })
})

it('puts confidences on an edge into the bin below, and weighs gaps by items', () => {
  const found = calibration([0.5, 0.3, 0.9, 1], [true, false, true, false], 2)
  const { bins, expectedError, largestError, confidence, accuracy } = found
  expect(bins.map(({ from, to, items }) => [from, to, items])).toEqual([
    [0, 0.5, 2],
    [0.5, 1, 2],
  ])
  // 0.4 sure and half right; 0.95 sure and half right.
  expect(expectedError).toBeCloseTo((0.1 + 0.45) / 2, 12)
  expect(largestError).toBeCloseTo(0.45, 12)
  expect([confidence, accuracy]).toEqual([0.675, 0.5])
})
