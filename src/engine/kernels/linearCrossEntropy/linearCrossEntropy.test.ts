import { expect, it } from 'vitest'
import { describeOnDevices, sizesToTry } from '../../../../tests/helpers/gpu.ts'
import { expectMatchesTwinForExtremes } from '../../../../tests/helpers/kernelSizes.ts'
import {
  expectFusedMatchesTwin,
  expectMatchesReference,
  valueAndGradients,
} from '../../../../tests/helpers/kernels.ts'
import type { Tensor, Tensor2D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { crossEntropy, type CrossEntropyOptions } from '../crossEntropy/crossEntropy.ts'
import { withScratchBytes } from '../rowChunks.ts'
import { linearCrossEntropy } from './linearCrossEntropy.ts'

const plain: CrossEntropyOptions = { labelSmoothing: 0, ignoreIndex: null }
const smooth: CrossEntropyOptions = { labelSmoothing: 0.1, ignoreIndex: -1 }

type Run = (x: Tensor, table: Tensor) => Tensor

/** In chunks of 64 rows. */
function runWith(targets: readonly number[], options: CrossEntropyOptions): Run {
  return (x, table) =>
    withScratchBytes(1, () =>
      tf.tidy(() =>
        linearCrossEntropy(x as Tensor2D, table as Tensor2D, tf.tensor1d([...targets], 'int32'), options),
      ),
    )
}

function someTargets(rows: number, vocabSize: number): number[] {
  return Array.from({ length: rows }, (_, row) => (row % 3 === 0 ? -1 : (row * 7 + 3) % vocabSize))
}

/** Logits, log-sum-exp and mean by loops in float64. */
function referenceWith(targets: readonly number[], width: number, options: CrossEntropyOptions) {
  return (x: Float64Array, table: Float64Array): number[] => {
    const { labelSmoothing, ignoreIndex } = options
    const size = table.length / width
    const losses = targets.flatMap((target, row) => {
      if (target === ignoreIndex) return []
      const logits = Array.from({ length: size }, (_, v) => {
        let sum = 0
        for (let d = 0; d < width; d++) sum += x[row * width + d]! * table[v * width + d]!
        return sum
      })
      const logSum = Math.log(logits.reduce((sum, value) => sum + Math.exp(value), 0))
      const even = logits.reduce((sum, value) => sum + logSum - value, 0) / size
      return [(1 - labelSmoothing) * (logSum - logits[target]!) + labelSmoothing * even]
    })
    return [losses.reduce((sum, loss) => sum + loss, 0) / Math.max(1, losses.length)]
  }
}

await describeOnDevices('linearCrossEntropy', () => {
  it('equals float64 loops and finite differences, whatever the gradient from above', async () => {
    const targets = [2, -1, 0, 4]
    const run: Run = (x, table) => tf.tidy(() => tf.mul(runWith(targets, smooth)(x, table), 3))
    const reference = referenceWith(targets, 3, smooth)
    const shapes = [
      [4, 3],
      [5, 3],
    ]
    await expectMatchesReference(
      { shapes, run: run as (...inputs: Tensor[]) => Tensor },
      (...inputs) => reference(inputs[0]!, inputs[1]!).map((loss) => 3 * loss),
      { rtol: 1e-5, atol: 1e-6 },
    )
  })

  it.each(
    sizesToTry([
      [1, 1, 1],
      [64, 8, 65],
      [65, 6, 63],
      [130, 4, 100],
    ] as const),
  )('fused equals its twin in chunks: %i rows of %i for %i classes', async (rows, width, size) => {
    const run = runWith(someTargets(rows, size), smooth) as (...inputs: Tensor[]) => Tensor
    const shapes = [
      [rows, width],
      [size, width],
    ]
    await expectFusedMatchesTwin({ shapes, run }, { rtol: 1e-5, atol: 1e-6 })
  })

  it('equals crossEntropy of the logits', async () => {
    const targets = Array.from({ length: 130 }, (_, row) => (row * 5) % 20)
    const composed: Run = (x, table) =>
      tf.tidy(() =>
        crossEntropy(
          tf.matMul(x as Tensor2D, table as Tensor2D, false, true),
          tf.tensor1d(targets, 'int32'),
          plain,
        ),
      )
    const shapes = [
      [130, 8],
      [20, 8],
    ]
    const [chunked, whole] = [
      await valueAndGradients({ shapes, run: runWith(targets, plain) as (...inputs: Tensor[]) => Tensor }),
      await valueAndGradients({ shapes, run: composed as (...inputs: Tensor[]) => Tensor }),
    ]
    chunked.forEach((values, k) => values.forEach((value, i) => expect(value).toBeCloseTo(whole[k]![i]!, 5)))
  })

  it('is 0 without a gradient when every target is ignored', async () => {
    const run = runWith([-1, -1], smooth) as (...inputs: Tensor[]) => Tensor
    const results = await valueAndGradients({
      shapes: [
        [2, 3],
        [4, 3],
      ],
      run,
    })
    for (const values of results) for (const value of values) expect(value + 0).toBe(0)
  })

  it('fused equals its twin for extreme numbers', async () => {
    const run = runWith(someTargets(64, 65), smooth) as (...inputs: Tensor[]) => Tensor
    const shapes = [
      [64, 8],
      [65, 8],
    ]
    await expectMatchesTwinForExtremes({ shapes, run }, { rtol: 1e-5, atol: 1e-6 })
  })

  it('refuses a table of another width', () => {
    const targets = tf.tensor1d([0, 1], 'int32')
    expect(() => linearCrossEntropy(tf.zeros([2, 3]), tf.zeros([5, 4]), targets, plain)).toThrow(/table/)
  })
})
