import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../../tests/helpers/gpu.ts'
import { expectFusedMatchesTwin, expectMatchesReference } from '../../../../tests/helpers/kernels.ts'
import type { Tensor, Tensor1D, Tensor2D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { normFork, type NormForkOptions } from './normFork.ts'

/** x + 3 · norm(x): both values lead somewhere, with different gradients. */
const joined =
  (options: NormForkOptions, isNormUsed = true) =>
  (x: Tensor, gain?: Tensor, bias?: Tensor): Tensor =>
    tf.tidy(() => {
      const weights = [gain ?? null, bias ?? null] as [Tensor1D | null, Tensor1D | null]
      const [same, y] = normFork(x as Tensor2D, ...weights, options)
      return isNormUsed ? tf.add(same, tf.mul(y, 3)) : tf.mul(same, 1)
    })
const layer: NormForkOptions = { kind: 'layer-norm', epsilon: 1e-5 }
const rms: NormForkOptions = { kind: 'rms-norm', epsilon: 1e-6 }

function reference({ kind, epsilon }: NormForkOptions) {
  return (x: Float64Array, gain?: Float64Array, bias?: Float64Array): Float64Array =>
    x.map((value, at) => {
      const row = x.subarray(at - (at % 5), at - (at % 5) + 5)
      const mean = kind === 'layer-norm' ? row.reduce((sum, other) => sum + other, 0) / 5 : 0
      const variance = row.reduce((sum, other) => sum + (other - mean) ** 2, 0) / 5
      const y = ((value - mean) / Math.sqrt(variance + epsilon)) * (gain?.[at % 5] ?? 1)
      return value + 3 * (y + (bias?.[at % 5] ?? 0))
    })
}

await describeOnDevices('normFork', () => {
  it('equals float64 loops and finite differences through both of its values', async () => {
    for (const shapes of [[[3, 5]], [[3, 5], [5]], [[3, 5], [5], [5]]]) {
      const kernel = { shapes, run: joined(layer) }
      await expectMatchesReference(kernel, reference(layer), { rtol: 4e-6, atol: 4e-6 })
    }
    for (const shapes of [[[3, 5]], [[3, 5], [5]]]) {
      await expectMatchesReference({ shapes, run: joined(rms) }, reference(rms), { rtol: 4e-6, atol: 4e-6 })
    }
  })

  it('fused equals its twin at awkward sizes, and where the normalised rows lead nowhere', async () => {
    for (const [width, rows] of [
      [1, 7],
      [63, 65],
      [64, 130],
      [1000, 3],
    ] as const) {
      const shapes = [[rows, width], [width], [width]]
      // At width 1 the input gradient is the difference of two equal numbers, times 1 / sqrt(epsilon).
      const atol = width === 1 ? 1e-3 : 3e-5
      await expectFusedMatchesTwin({ shapes, run: joined(layer) }, { rtol: 1e-5, atol })
    }
    const shapes = [[130, 12], [12]]
    await expectFusedMatchesTwin({ shapes, run: joined(rms) }, { rtol: 1e-5, atol: 3e-5 })
    await expectFusedMatchesTwin({ shapes: [[130, 12]], run: joined(rms, false) }, { rtol: 1e-5, atol: 3e-5 })
  })

  it('shares the memory of x', () => {
    const x = tf.tensor2d([1, 2, 3, 4], [2, 2])
    const [same, y] = normFork(x, null, null, layer)
    expect(same.dataId).toBe(x.dataId)
    tf.dispose([x, same, y])
  })

  it('refuses a bias for RMS normalisation', () => {
    expect(() => normFork(tf.zeros([2, 3]), null, tf.zeros([3]), rms)).toThrow(/bias: must be float32 \[0\]/)
  })
})
