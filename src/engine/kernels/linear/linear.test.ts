import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../../tests/helpers/gpu.ts'
import { expectMatchesTwinForExtremes } from '../../../../tests/helpers/kernelSizes.ts'
import {
  expectFusedMatchesTwin,
  expectMatchesReference,
  withoutSubgroups,
} from '../../../../tests/helpers/kernels.ts'
import type { Tensor, Tensor1D, Tensor2D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { Generator } from '../../../core/rng.ts'
import { dropoutMask } from '../dropout/dropoutMask.ts'
import { linear } from './linear.ts'

const run = (x: Tensor, weight: Tensor, bias?: Tensor): Tensor =>
  linear(x as Tensor2D, weight as Tensor2D, (bias ?? null) as Tensor1D | null)

/** [3, 4] · [4, 2] in float64. */
function reference(x: Float64Array, weight: Float64Array, bias?: Float64Array): number[] {
  return Array.from({ length: 6 }, (_, at) => {
    const row = Math.floor(at / 2)
    const column = at % 2
    let sum = bias?.[column] ?? 0
    for (let k = 0; k < 4; k++) sum += x[row * 4 + k]! * weight[k * 2 + column]!
    return sum
  })
}

await describeOnDevices('linear', () => {
  it('equals float64 loops and finite differences, with and without a bias', async () => {
    for (const shapes of [
      [
        [3, 4],
        [4, 2],
      ],
      [[3, 4], [4, 2], [2]],
    ]) {
      await expectMatchesReference({ shapes, run }, reference, { rtol: 1e-6, atol: 1e-6 })
    }
  })

  // tfjs's products are slow to compile on software adapters, one program per kind of size: two must do.
  it('fused equals its twin where sizes are multiples of 4 and where they are not', async () => {
    for (const [rows, inputs, outputs] of [
      [16, 8, 20],
      [17, 9, 7],
    ]) {
      const shapes = [[rows!, inputs!], [inputs!, outputs!], [outputs!]]
      await expectFusedMatchesTwin({ shapes, run }, { rtol: 1e-6, atol: 1e-6 })
    }
  }, 120_000)

  it('without a bias too', async () => {
    const shapes = [
      [17, 9],
      [9, 7],
    ]
    await expectFusedMatchesTwin({ shapes, run }, { rtol: 1e-6, atol: 1e-6 })
  }, 120_000)

  it('an activation, dropout and a residual equal float64 loops, finite differences and the twin', async () => {
    const dropout = { rate: 0.4, step: 3, key: new Generator(5, 'dropout/test').key, counter: null }
    const mask = dropoutMask(6, dropout)
    const bent = (x: Tensor, weight: Tensor, bias?: Tensor, residual?: Tensor): Tensor =>
      linear(x as Tensor2D, weight as Tensor2D, bias as Tensor1D, {
        activation: 'silu',
        residual: residual as Tensor2D,
        dropout,
      })
    const shapes = [[3, 4], [4, 2], [2], [3, 2]]
    const expected = (...[x, weight, bias, residual]: Float64Array[]): number[] =>
      reference(x!, weight!, bias).map((y, i) => residual![i]! + (mask[i]! * y) / (1 + Math.exp(-y)))
    await expectMatchesReference({ shapes, run: bent }, expected, { rtol: 1e-6, atol: 1e-6 })
    await expectFusedMatchesTwin({ shapes, run: bent }, { rtol: 1e-6, atol: 1e-6 })
  }, 120_000)

  it('fused equals its twin for extreme numbers, and without subgroups', async () => {
    const shapes = [[17, 9], [9, 7], [7]]
    await expectMatchesTwinForExtremes({ shapes, run }, { rtol: 1e-6, atol: 1e-6 })
    await withoutSubgroups(() => expectFusedMatchesTwin({ shapes, run }, { rtol: 1e-6, atol: 1e-6 }))
  }, 120_000)

  it('refuses a weight that does not fit', () => {
    expect(() => run(tf.zeros([2, 3]), tf.zeros([4, 5]))).toThrow(/weight: must be float32 \[3, \*\], got/)
  })
})
