import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { expectClose } from '../../../tests/helpers/kernels.ts'
import { stepWith } from '../../../tests/helpers/optimizers.ts'
import { defaultsOf } from '../../core/schema.ts'
import adagrad from './adagrad.ts'
import rmsProp from './rmsProp.ts'

const start = [1, -2, 0.5, 0, 7]
const path = [
  [0.1, -3, 0, 1e-4, 2],
  [-0.2, 5, 0, 1e-4, -1],
  [0.3, 0.01, 1e3, -1e-4, 0],
]
const rate = 0.05

/** torch's formulas in float64, one number after the other. */
function reference(
  keep: (sum: number, square: number) => number,
  { momentum, epsilon, weightDecay }: { momentum: number; epsilon: number; weightDecay: number },
): number[] {
  return start.map((first, i) => {
    let [p, v, velocity] = [first, 0, 0]
    for (const gradients of path) {
      const g = gradients[i]! + weightDecay * p
      v = keep(v, g * g)
      velocity = momentum * velocity + g / (Math.sqrt(v) + epsilon)
      p -= rate * velocity
    }
    return p
  })
}
const tolerance = { rtol: 1e-6, atol: 1e-6 }

await describeOnDevices('RMSprop', () => {
  it('equals plain loops, with and without momentum and decay', async () => {
    for (const [momentum, weightDecay] of [
      [0, 0],
      [0.9, 0.1],
    ] as const) {
      const expected = reference((v, square) => 0.9 * v + 0.1 * square, {
        momentum,
        weightDecay,
        epsilon: 1e-8,
      })
      const settings = { smoothing: 0.9, momentum, weightDecay }
      expectClose(await stepWith(rmsProp, settings, { start, path, rate }), expected, tolerance)
    }
  })

  it('divides by the deviation of gradients where it is centred', async () => {
    const expected = start.map((first, i) => {
      let [p, v, m] = [first, 0, 0]
      for (const gradients of path) {
        const g = gradients[i]!
        v = 0.9 * v + 0.1 * g * g
        m = 0.9 * m + 0.1 * g
        p -= (rate * g) / (Math.sqrt(v - m * m) + 1e-3)
      }
      return p
    })
    const settings = { smoothing: 0.9, isCentered: true, epsilon: 1e-3, weightDecay: 0 }
    expectClose(await stepWith(rmsProp, settings, { start, path, rate }), expected, tolerance)
  })

  it('keeps a velocity only where there is momentum', () => {
    const params = defaultsOf(rmsProp.fields)
    expect(rmsProp.slots({ ...params, momentum: 0 })).toEqual(['v'])
    expect(rmsProp.slots({ ...params, momentum: 0.5 })).toEqual(['v', 'velocity'])
  })
})

await describeOnDevices('Adagrad', () => {
  it('equals plain loops, with and without decay', async () => {
    for (const weightDecay of [0, 0.1]) {
      const expected = reference((sum, square) => sum + square, { momentum: 0, weightDecay, epsilon: 1e-10 })
      expectClose(await stepWith(adagrad, { weightDecay }, { start, path, rate }), expected, tolerance)
    }
  })
})
