import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { expectLossMatches, mean } from '../../../tests/helpers/losses.ts'
import { grad, tensor2d, type Tensor, type Tensor2D } from '../backend/tfjs.ts'
import meanAbsoluteError from './meanAbsoluteError.ts'

const asValues = (prediction: Tensor, target: Tensor) => ({
  values: { prediction: prediction as Tensor2D, target: target as Tensor2D },
})
const shapes = [
  [4, 3],
  [4, 3],
]

await describeOnDevices('mean absolute error', () => {
  it('equals its definition', () =>
    expectLossMatches({ loss: meanAbsoluteError, shapes, as: asValues }, (p, t) =>
      mean([...p].map((value, i) => Math.abs(value - t![i]!))),
    ))

  it('has no slope where a prediction is right', async () => {
    const target = tensor2d([[1, 2]])
    const of = (x: Tensor) => meanAbsoluteError.compute({}, asValues(x, target)).loss
    expect([...(await grad(of)(tensor2d([[1, 3]])).data())]).toEqual([0, 0.5])
  })
})
