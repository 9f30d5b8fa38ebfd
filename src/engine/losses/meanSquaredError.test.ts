import { it } from 'vitest'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { expectLossMatches, mean } from '../../../tests/helpers/losses.ts'
import type { Tensor, Tensor2D } from '../backend/tfjs.ts'
import meanSquaredError from './meanSquaredError.ts'

const asValues = (prediction: Tensor, target: Tensor) => ({
  values: { prediction: prediction as Tensor2D, target: target as Tensor2D },
})
const shapes = [
  [4, 3],
  [4, 3],
]

await describeOnDevices('mean squared error', () => {
  it('equals its definition', () =>
    expectLossMatches({ loss: meanSquaredError, shapes, as: asValues }, (p, t) =>
      mean([...p].map((value, i) => (value - t![i]!) ** 2)),
    ))
})
