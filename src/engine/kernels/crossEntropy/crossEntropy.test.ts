import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../../tests/helpers/gpu.ts'
import {
  expectFusedMatchesTwin,
  expectMatchesReference,
  valueAndGradients,
} from '../../../../tests/helpers/kernels.ts'
import type { Tensor, Tensor2D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { crossEntropy, type CrossEntropyOptions } from './crossEntropy.ts'

const plain: CrossEntropyOptions = { labelSmoothing: 0, ignoreIndex: null }
const smooth: CrossEntropyOptions = { labelSmoothing: 0.1, ignoreIndex: -1 }

function runWith(targets: readonly number[], options: CrossEntropyOptions): (logits: Tensor) => Tensor {
  return (logits) =>
    tf.tidy(() => crossEntropy(logits as Tensor2D, tf.tensor1d([...targets], 'int32'), options))
}

function someTargets(rows: number, vocabSize: number, ignoreEvery: number): number[] {
  return Array.from({ length: rows }, (_, row) => (row % ignoreEvery === 0 ? -1 : (row * 7 + 3) % vocabSize))
}

/** Row by row in float64. */
function referenceWith(targets: readonly number[], { labelSmoothing, ignoreIndex }: CrossEntropyOptions) {
  return (logits: Float64Array): number[] => {
    const width = logits.length / targets.length
    const losses = targets.flatMap((target, row) => {
      if (target === ignoreIndex) return []
      const values = logits.subarray(row * width, (row + 1) * width)
      const largest = Math.max(...values)
      const logSum = largest + Math.log(values.reduce((sum, value) => sum + Math.exp(value - largest), 0))
      const even = values.reduce((sum, value) => sum + logSum - value, 0) / width
      return [(1 - labelSmoothing) * (logSum - values[target]!) + labelSmoothing * even]
    })
    return [losses.reduce((sum, loss) => sum + loss, 0) / Math.max(1, losses.length)]
  }
}

await describeOnDevices('crossEntropy', () => {
  it('equals float64 loops and finite differences, whatever the gradient from above', async () => {
    const targets = [2, -1, 0, 4]
    const run = runWith(targets, smooth)
    await expectMatchesReference({ shapes: [[4, 5]], run }, referenceWith(targets, smooth), {
      rtol: 1e-6,
      atol: 1e-6,
    })
    const tripled = (logits: Tensor): Tensor => tf.tidy(() => tf.mul(runWith([1, 2, 0], plain)(logits), 3))
    const threefold = (logits: Float64Array): number[] =>
      referenceWith([1, 2, 0], plain)(logits).map((loss) => 3 * loss)
    await expectMatchesReference({ shapes: [[3, 3]], run: tripled }, threefold, { rtol: 1e-6, atol: 1e-6 })
  })

  it('fused equals its twin at awkward sizes', async () => {
    for (const width of [1, 63, 64, 65, 1000]) {
      for (const rows of [1, 7, 130]) {
        for (const options of [plain, smooth]) {
          const targets = someTargets(rows, width, options === plain ? Infinity : 3)
          if (options === plain) targets[0] = 0
          const run = runWith(targets, options)
          await expectFusedMatchesTwin({ shapes: [[rows, width]], run }, { rtol: 1e-5, atol: 1e-6 })
        }
      }
    }
  })

  it('is exact for huge logits', async () => {
    const inputs = [Float32Array.of(1e4, 0, -1e4, 1e30, -1e30, 0)]
    const run = runWith([1, 0], plain)
    const [loss, gradient] = await valueAndGradients({ shapes: [[2, 3]], inputs, run })
    expect(loss![0]).toBeCloseTo(5000, 2)
    for (const value of gradient!) expect(Number.isFinite(value)).toBe(true)
  })

  it('is 0 without a gradient when every target is ignored', async () => {
    const [loss, gradient] = await valueAndGradients({ shapes: [[2, 3]], run: runWith([-1, -1], smooth) })
    expect([...loss!]).toEqual([0])
    expect([...gradient!].every((value) => value === 0)).toBe(true)
  })

  it('refuses targets that are not int32', () => {
    expect(() => crossEntropy(tf.zeros([2, 3]), tf.zeros([2]), plain)).toThrow(/targets: must be int32 \[2\]/)
  })
})
