import { it } from 'vitest'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { expectLossMatches, mean } from '../../../tests/helpers/losses.ts'
import type { Tensor, Tensor2D } from '../backend/tfjs.ts'
import logCosh from './logCosh.ts'

await describeOnDevices('log-cosh', () => {
  it('equals its definition', async () => {
    await expectLossMatches(
      {
        loss: logCosh,
        shapes: [
          [5, 3],
          [5, 3],
        ],
        as: (prediction: Tensor, target: Tensor) => ({
          values: { prediction: prediction as Tensor2D, target: target as Tensor2D },
        }),
      },
      (prediction, target) =>
        mean([...prediction!].map((value, i) => Math.log(Math.cosh(value - target![i]!)))),
    )
  })
})
