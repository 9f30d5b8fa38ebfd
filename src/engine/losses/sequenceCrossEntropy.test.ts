import { describe, expect, it } from 'vitest'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { expectLossMatches, logSumExp, mean, rows } from '../../../tests/helpers/losses.ts'
import { tensor2d, tensor3d, zeros, type Tensor, type Tensor3D } from '../backend/tfjs.ts'
import { ignoredTarget } from './lossInputs.ts'
import { sequenceLogProbabilities } from './parts/sequenceLogProbabilities.ts'
import sequenceCrossEntropy from './sequenceCrossEntropy.ts'

const targets = [
  [2, 1, ignoredTarget],
  [3, ignoredTarget, ignoredTarget],
]

await describeOnDevices('sequences of tokens', () => {
  describe('smoothed cross-entropy', () => {
    it.each([-1, 0])('equals its definition with padding token %i', async (paddingToken) => {
      const labelSmoothing = 0.2
      await expectLossMatches(
        {
          loss: sequenceCrossEntropy,
          params: { labelSmoothing, paddingToken },
          shapes: [[2, 3, 4]],
          as: (logits: Tensor) => ({
            sequences: { logits: logits as Tensor3D, targets: tensor2d(targets, [2, 3], 'int32') },
          }),
        },
        (logits) =>
          mean(
            rows(logits!, 4).flatMap((row, i) => {
              const y = targets.flat()[i]!
              if (y === ignoredTarget) return []
              const surprise = row.map((x) => logSumExp(row) - x)
              const writable = surprise.filter((_, token) => token !== paddingToken)
              return [(1 - labelSmoothing) * surprise[y]! + labelSmoothing * mean(writable)]
            }),
          ),
      )
    })

    it('reports the likelihood without smoothing, and 0 where nothing counts', async () => {
      const of = (ids: number[]) =>
        sequenceCrossEntropy.compute(
          { labelSmoothing: 0.1, paddingToken: -1 },
          { sequences: { logits: zeros([1, 2, 5]), targets: tensor2d(ids, [1, 2], 'int32') } },
        )
      const { parts } = of([3, ignoredTarget])
      expect((await parts['negativeLogLikelihood']!.data())[0]).toBeCloseTo(Math.log(5), 6)
      expect((await of([ignoredTarget, ignoredTarget]).loss.data())[0]).toBe(0)
    })
  })

  it('have log-probabilities, summed or averaged over the places that count', async () => {
    const values = Array.from({ length: 24 }, (_, i) => Math.sin(7 * i))
    const logits = tensor3d(values, [2, 3, 4])
    const expected = targets.map((ids, b) =>
      ids.flatMap((y, s) => {
        const row = values.slice(4 * (3 * b + s), 4 * (3 * b + s) + 4)
        return y === ignoredTarget ? [] : [row[y]! - logSumExp(row)]
      }),
    )
    for (const isMean of [false, true]) {
      const ids = tensor2d(targets, [2, 3], 'int32')
      const found = [...(await sequenceLogProbabilities(logits, ids, { isMean }).data())]
      expected.forEach((terms, b) => {
        const sum = terms.reduce((total, term) => total + term, 0)
        expect(found[b]).toBeCloseTo(isMean ? sum / terms.length : sum, 5)
      })
    }
  })
})
