import { describe, expect, it } from 'vitest'
import { describeOnDevices } from '../../../../tests/helpers/gpu.ts'
import { expectLossMatches, logSumExp, mean, rows } from '../../../../tests/helpers/losses.ts'
import { tensor1d, tensor2d, type Tensor, type Tensor2D } from '../../backend/tfjs.ts'
import binaryCrossEntropy from '../binaryCrossEntropy.ts'
import crossEntropy from '../crossEntropy.ts'
import focal from '../focal.ts'
import { weightsOfCounts } from './classWeights.ts'

const counts = [50, 10, 1, 0]
const targets = [0, 2, 1, 0, 3]

/** As the papers have them, a class without items as if it had one. */
const slowWeights = {
  balanced: [62 / 200, 62 / 40, 62 / 4, 62 / 4],
  'effective-number': [50, 10, 1, 1].map((n) => 0.1 / (1 - 0.9 ** n)),
}
const sumOfEffective = slowWeights['effective-number'].reduce((sum, weight) => sum + weight)
slowWeights['effective-number'] = slowWeights['effective-number'].map((w) => (4 * w) / sumOfEffective)

const kinds = ['balanced', 'effective-number'] as const
const asCounted = (logits: Tensor) => ({
  classes: { logits: logits as Tensor2D, targets: tensor1d(targets, 'int32'), classCounts: counts },
})

describe('class weights', () => {
  it.each(kinds)('%s are what the counts make of them', (classWeights) => {
    const found = weightsOfCounts({ classWeights, effectiveBeta: 0.9 }, counts)
    found.forEach((weight, c) => expect(weight).toBeCloseTo(slowWeights[classWeights][c]!, 10))
  })

  it('of the effective number reach from none to those of frequency', () => {
    const at = (effectiveBeta: number) =>
      weightsOfCounts({ classWeights: 'effective-number', effectiveBeta }, [50, 10])
    expect(at(0)).toEqual([1, 1])
    const [common, rare] = at(0.999999)
    expect(rare! / common!).toBeCloseTo(5, 3)
  })

  it('ask for counts, and for whole logits', () => {
    const params = { labelSmoothing: 0, classWeights: 'balanced', effectiveBeta: 0.9 }
    expect(crossEntropy.asksForCounts(params)).toBe(true)
    expect(crossEntropy.takesLogitsInParts(params)).toBe(false)
    expect(crossEntropy.takesLogitsInParts({ ...params, classWeights: 'none' })).toBe(true)
    const classes = { logits: tensor2d([[1, 2]]), targets: tensor1d([0], 'int32') }
    for (const loss of [crossEntropy, focal])
      expect(() => loss.compute({ ...params, gamma: 1 }, { classes })).toThrow(/which nobody counted/)
  })
})

await describeOnDevices('losses with class weights', () => {
  it.each(kinds)('cross-entropy is the mean by %s weights', (classWeights) => {
    const weights = slowWeights[classWeights]
    return expectLossMatches(
      {
        loss: crossEntropy,
        params: { labelSmoothing: 0, classWeights, effectiveBeta: 0.9 },
        shapes: [[5, 4]],
        as: asCounted,
      },
      (logits) => {
        const terms = rows(logits!, 4).map(
          (row, i) => weights[targets[i]!]! * (logSumExp(row) - row[targets[i]!]!),
        )
        return mean(terms) / mean(targets.map((target) => weights[target]!))
      },
    )
  })

  it('focal multiplies each row by its weight', () => {
    const weights = slowWeights.balanced
    return expectLossMatches(
      {
        loss: focal,
        params: { gamma: 2, classWeights: 'balanced', effectiveBeta: 0 },
        shapes: [[5, 4]],
        as: asCounted,
      },
      (logits) =>
        mean(
          rows(logits!, 4).map((row, i) => {
            const surprise = logSumExp(row) - row[targets[i]!]!
            return weights[targets[i]!]! * (1 - Math.exp(-surprise)) ** 2 * surprise
          }),
        ),
    )
  })

  it('binary cross-entropy counts a yes by how rare it is', () => {
    const answers = [
      [1, 0],
      [0, 1],
      [0, 1],
    ]
    const shares = [0.2, 1]
    return expectLossMatches(
      {
        loss: binaryCrossEntropy,
        params: { isBalanced: true },
        shapes: [[3, 2]],
        as: (logits: Tensor) => ({
          binary: {
            logits: logits as Tensor2D,
            targets: tensor2d(answers),
            positiveWeights: null,
            positiveShares: shares,
          },
        }),
      },
      (x) =>
        mean(
          [...x!].map((value, i) => {
            const isYes = answers.flat()[i] === 1
            return isYes ? [4, 1][i % 2]! * Math.log1p(Math.exp(-value)) : Math.log1p(Math.exp(value))
          }),
        ),
    )
  })
})
