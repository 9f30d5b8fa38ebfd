import { it } from 'vitest'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { expectLossMatches, logSumExp, mean, rows } from '../../../tests/helpers/losses.ts'
import { tensor2d, type Tensor2D } from '../backend/tfjs.ts'
import softCrossEntropy from './softCrossEntropy.ts'

const targets = [
  [0.2, 0.5, 0.3],
  [0, 1, 0],
]

await describeOnDevices('cross-entropy with soft targets', () => {
  it.each([0, 0.1])('equals its definition with smoothing %f', (labelSmoothing) =>
    expectLossMatches(
      {
        loss: softCrossEntropy,
        params: { labelSmoothing },
        shapes: [[2, 3]],
        as: (logits) => ({ softClasses: { logits: logits as Tensor2D, targets: tensor2d(targets) } }),
      },
      (x) =>
        mean(
          rows(x, 3).map((row, n) => {
            const target = targets[n]!.map((t) => (1 - labelSmoothing) * t + labelSmoothing / 3)
            return row.reduce((sum, value, c) => sum + target[c]! * (logSumExp(row) - value), 0)
          }),
        ),
    ),
  )
})
