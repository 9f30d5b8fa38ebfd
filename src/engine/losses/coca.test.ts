import { it } from 'vitest'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { cosines, expectLossMatches, logSumExp, mean, rows } from '../../../tests/helpers/losses.ts'
import { tensor2d, type Tensor, type Tensor2D, type Tensor3D } from '../backend/tfjs.ts'
import coca from './coca.ts'
import { ignoredTarget } from './lossInputs.ts'

const targets = [
  [1, ignoredTarget],
  [4, 0],
  [2, 2],
]

await describeOnDevices('CoCa', () => {
  it('is CLIP’s loss and the captions’ cross-entropy, weighted', async () => {
    const [contrastiveWeight, captionWeight] = [0.7, 1.5]
    await expectLossMatches(
      {
        loss: coca,
        params: {
          temperature: 0.5,
          isTemperatureLearned: true,
          isNormalized: true,
          contrastiveWeight,
          captionWeight,
        },
        shapes: [
          [3, 4],
          [3, 4],
          [3, 2, 5],
        ],
        as: (a: Tensor, b: Tensor, logits: Tensor) => ({
          captionedPairs: {
            a: a as Tensor2D,
            b: b as Tensor2D,
            ids: null,
            logits: logits as Tensor3D,
            targets: tensor2d(targets, [3, 2], 'int32'),
          },
        }),
        scalars: ['logScale'],
      },
      (a, b, logits, logScale) => {
        const scores = cosines(a!, b!, 4).map((row) => row.map((x) => x * Math.exp(logScale![0]!)))
        const there = scores.map((row, i) => logSumExp(row) - row[i]!)
        const back = scores.map((_, j) => logSumExp(scores.map((row) => row[j]!)) - scores[j]![j]!)
        const captions = rows(logits!, 5).flatMap((row, i) => {
          const y = targets.flat()[i]!
          return y === ignoredTarget ? [] : [logSumExp(row) - row[y]!]
        })
        return contrastiveWeight * ((mean(there) + mean(back)) / 2) + captionWeight * mean(captions)
      },
    )
  })
})
