import { it } from 'vitest'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { expectLossMatches, logSumExp, mean, rows } from '../../../tests/helpers/losses.ts'
import { tensor1d, type Tensor, type Tensor2D } from '../backend/tfjs.ts'
import focal from './focal.ts'
import { ignoredTarget } from './lossInputs.ts'

const targets = [2, 0, ignoredTarget, 3, 1]
const weights = [0.5, 2, 1, 3]

await describeOnDevices('focal', () => {
  it.each([
    ['gamma 2', 2, false],
    ['gamma 0.5, weighted classes', 0.5, true],
    ['gamma 0, which is cross-entropy', 0, false],
  ])('equals its definition: %s', async (_name, gamma, isWeighted) => {
    const classWeights = () => (isWeighted ? tensor1d(weights) : null)
    await expectLossMatches(
      {
        loss: focal,
        params: { gamma },
        shapes: [[5, 4]],
        as: (logits: Tensor) => ({
          classes: {
            logits: logits as Tensor2D,
            targets: tensor1d(targets, 'int32'),
            classWeights: classWeights(),
          },
        }),
      },
      (logits) =>
        mean(
          rows(logits!, 4).flatMap((row, i) => {
            const y = targets[i]!
            if (y === ignoredTarget) return []
            const surprise = logSumExp(row) - row[y]!
            return [(isWeighted ? weights[y]! : 1) * (1 - Math.exp(-surprise)) ** gamma * surprise]
          }),
        ),
    )
  })
})
