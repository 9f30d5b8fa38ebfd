import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../../tests/helpers/gpu.ts'
import {
  expectFusedMatchesTwin,
  expectMatchesReference,
  valueAndGradients,
} from '../../../../tests/helpers/kernels.ts'
import type { Tensor, Tensor2D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { l2Normalize } from './l2Normalize.ts'

const run = (x: Tensor): Tensor => tf.tidy(() => l2Normalize(x as Tensor2D))

await describeOnDevices('l2Normalize', () => {
  it('equals float64 loops and finite differences', async () => {
    const reference = (x: Float64Array): number[] =>
      Array.from(x, (value, i) => {
        const row = x.subarray(i - (i % 5), i - (i % 5) + 5)
        return value / Math.sqrt(row.reduce((sum, part) => sum + part * part, 0))
      })
    await expectMatchesReference({ shapes: [[3, 5]], run }, reference, { rtol: 1e-6, atol: 1e-6 })
  })

  it('divides short rows by the least length, which has no gradient', async () => {
    const scaled = (x: Tensor): Tensor => tf.tidy(() => l2Normalize(x as Tensor2D, 100))
    const reference = (x: Float64Array): number[] => Array.from(x, (value) => value / 100)
    await expectMatchesReference({ shapes: [[3, 5]], run: scaled }, reference, { rtol: 1e-6, atol: 1e-6 })
  })

  it('fused equals its twin at awkward sizes', async () => {
    // At width 1 the gradient is 0: what is left is rounding, divided by the length.
    for (const width of [1, 63, 64, 65, 1000])
      for (const rows of [1, 65])
        await expectFusedMatchesTwin({ shapes: [[rows, width]], run }, { rtol: 1e-5, atol: 2e-5 })
  })

  it('leaves a row of zeros alone, without a gradient', async () => {
    const inputs = [Float32Array.of(0, 0, 0, 0, 3, 4)]
    const [y, dx] = await valueAndGradients({ shapes: [[3, 2]], inputs, run })
    expect([...y!.slice(0, 4)]).toEqual([0, 0, 0, 0])
    expect(y![4]).toBeCloseTo(0.6, 6)
    for (const value of dx!.slice(0, 4)) expect(value + 0).toBe(0)
    for (const value of dx!.slice(4)) expect(Math.abs(value)).toBeGreaterThan(0.01)
  })
})
