import { it } from 'vitest'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { expectLossMatches, mean } from '../../../tests/helpers/losses.ts'
import { tensor1d, type Tensor, type Tensor1D } from '../backend/tfjs.ts'
import marginRanking from './marginRanking.ts'

const order = [1, -1, 1, -1, -1, 1]

await describeOnDevices('margin ranking', () => {
  it.each([0, 0.7])('equals its definition with margin %f', async (margin) => {
    await expectLossMatches(
      {
        loss: marginRanking,
        params: { margin },
        shapes: [[6], [6]],
        as: (first: Tensor, second: Tensor) => ({
          ranked: { first: first as Tensor1D, second: second as Tensor1D, order: tensor1d(order) },
        }),
      },
      (first, second) => mean(order.map((y, i) => Math.max(0, -y * (first![i]! - second![i]!) + margin))),
    )
  })
})
