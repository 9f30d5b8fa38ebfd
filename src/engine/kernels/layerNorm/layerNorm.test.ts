import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../../tests/helpers/gpu.ts'
import { expectFusedMatchesTwin, expectMatchesReference, normals } from '../../../../tests/helpers/kernels.ts'
import type { Tensor, Tensor1D, Tensor2D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { layerNorm } from './layerNorm.ts'

const run = (x: Tensor, gain?: Tensor, bias?: Tensor): Tensor =>
  layerNorm(x as Tensor2D, (gain ?? null) as Tensor1D | null, (bias ?? null) as Tensor1D | null, 1e-5)

/** Row by row in float64. */
function reference(x: Float64Array, gain?: Float64Array, bias?: Float64Array): Float64Array {
  const width = 5
  const y = new Float64Array(x.length)
  for (let start = 0; start < x.length; start += width) {
    const row = x.subarray(start, start + width)
    const mean = row.reduce((sum, value) => sum + value, 0) / width
    const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / width
    for (let i = 0; i < width; i++) {
      y[start + i] = ((row[i]! - mean) / Math.sqrt(variance + 1e-5)) * (gain?.[i] ?? 1) + (bias?.[i] ?? 0)
    }
  }
  return y
}

await describeOnDevices('layerNorm', () => {
  it('equals float64 loops and finite differences, with and without gain and bias', async () => {
    for (const shapes of [[[3, 5]], [[3, 5], [5]], [[3, 5], [5], [5]]]) {
      await expectMatchesReference({ shapes, run }, reference, { rtol: 2e-6, atol: 2e-6 })
    }
  })

  it('fused equals its twin at awkward sizes', async () => {
    for (const width of [1, 63, 64, 65, 1000]) {
      for (const rows of [1, 7, 130]) {
        const shapes = [[rows, width], [width], [width]]
        await expectFusedMatchesTwin({ shapes, run }, { rtol: 1e-5, atol: 1e-5 })
      }
    }
  })

  it('survives rows of one large constant and of tiny values', async () => {
    const inputs = [new Float32Array(65 * 2).fill(1e6, 0, 65).fill(1e-20, 65), normals(65, 'gain')]
    const y = run(tf.tensor2d(inputs[0]!, [2, 65]), tf.tensor1d(inputs[1]!))
    for (const value of await y.data()) expect(Math.abs(value)).toBeLessThan(1)
  })

  it('refuses a gain of another width', () => {
    expect(() => run(tf.zeros([2, 3]), tf.zeros([4]))).toThrow(
      /gain: must be float32 \[3\], got float32 \[4\]/,
    )
  })
})
