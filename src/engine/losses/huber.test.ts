import { it } from 'vitest'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { expectLossMatches, mean } from '../../../tests/helpers/losses.ts'
import type { Tensor, Tensor2D } from '../backend/tfjs.ts'
import huber from './huber.ts'

const asValues = (prediction: Tensor, target: Tensor) => ({
  values: { prediction: prediction as Tensor2D, target: target as Tensor2D },
})
const shapes = [
  [4, 3],
  [4, 3],
]

const slow = (p: Float64Array, t: Float64Array, delta: number) =>
  mean(
    [...p].map((value, i) => {
      const error = Math.abs(value - t[i]!)
      return error <= delta ? error ** 2 / 2 : delta * (error - delta / 2)
    }),
  )

await describeOnDevices('Huber', () => {
  it('equals its definition', () =>
    expectLossMatches(
      { loss: huber, params: { delta: 0.8, isScaled: false }, shapes, as: asValues },
      (p, t) => slow(p, t!, 0.8),
    ))

  it('is smooth L1 when it is scaled', () =>
    expectLossMatches(
      { loss: huber, params: { delta: 0.5, isScaled: true }, shapes, as: asValues },
      (p, t) => slow(p, t!, 0.5) / 0.5,
    ))
})
