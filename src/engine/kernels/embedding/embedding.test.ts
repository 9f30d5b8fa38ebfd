import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../../tests/helpers/gpu.ts'
import { expectMatchesTwinForExtremes } from '../../../../tests/helpers/kernelSizes.ts'
import {
  expectFusedMatchesTwin,
  expectMatchesReference,
  valueAndGradients,
} from '../../../../tests/helpers/kernels.ts'
import type { Tensor, Tensor2D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { embedding, tokenAndPositionEmbedding } from './embedding.ts'

function runWith(ids: readonly number[]): (table: Tensor) => Tensor {
  return (table) => tf.tidy(() => embedding(table as Tensor2D, tf.tensor1d([...ids], 'int32')))
}

await describeOnDevices('embedding', () => {
  it('looks up rows and adds up the gradients of repeated ids', async () => {
    const ids = [3, 0, 3, 3, 1]
    const reference = (table: Float64Array): number[] =>
      ids.flatMap((id) => [...table.subarray(id * 2, id * 2 + 2)])
    await expectMatchesReference({ shapes: [[5, 2]], run: runWith(ids) }, reference, {
      rtol: 1e-6,
      atol: 1e-6,
    })
  })

  it('fused equals its twin at awkward sizes', async () => {
    for (const [vocabSize, width, length] of [
      [7, 4, 1100],
      [1, 1, 1],
      [65, 63, 16],
      [64, 5, 130],
      [1000, 3, 7],
      [3, 1000, 9],
    ]) {
      const ids = Array.from({ length: length! }, (_, n) => (n * n + 5 * n) % vocabSize!)
      const kernel = { shapes: [[vocabSize!, width!]], run: runWith(ids) }
      await expectFusedMatchesTwin(kernel, { rtol: 1e-6, atol: 1e-6 })
    }
  })

  it('leaves rows that no id names without a gradient, also in a recycled buffer', async () => {
    for (let round = 0; round < 3; round++) {
      const [, gradient] = await valueAndGradients({ shapes: [[40, 8]], run: runWith([round]) })
      for (let row = 0; row < 40; row++) {
        const isZero = gradient!.subarray(row * 8, row * 8 + 8).every((value) => value === 0)
        expect(isZero).toBe(row !== round)
      }
    }
  })

  it('adds position vectors by place, and gives back their gradients with those of the tokens', async () => {
    const ids = [3, 0, 3, 3, 1, 0]
    const run = (table: Tensor, positions: Tensor): Tensor =>
      tf.tidy(() =>
        tokenAndPositionEmbedding(table as Tensor2D, positions as Tensor2D, tf.tensor1d(ids, 'int32'), 3),
      )
    const reference = (table: Float64Array, positions: Float64Array): number[] =>
      ids.flatMap((id, n) => [0, 1].map((i) => table[id * 2 + i]! + positions[(n % 3) * 2 + i]!))
    for (const [vocabSize, places] of [
      [4, 3],
      [50, 5],
    ]) {
      const shapes = [
        [vocabSize!, 2],
        [places!, 2],
      ]
      await expectMatchesReference({ shapes, run }, reference, { rtol: 1e-6, atol: 1e-6 })
      await expectFusedMatchesTwin({ shapes, run }, { rtol: 1e-6, atol: 1e-6 })
    }
  })

  it('fused equals its twin for extreme numbers', async () => {
    const ids = Array.from({ length: 16 }, (_, n) => (n * n + 5 * n) % 65)
    const kernel = { shapes: [[65, 63]], run: runWith(ids) }
    await expectMatchesTwinForExtremes(kernel, { rtol: 1e-6, atol: 1e-6 })
  })

  it('refuses sequences longer than the table of positions', () => {
    const ids = tf.zeros([8], 'int32') as tf.Tensor1D
    expect(() => tokenAndPositionEmbedding(tf.zeros([5, 2]), tf.zeros([3, 2]), ids, 4)).toThrow(
      /seqLen must be between 1 and the 3 rows of positions, got 4/,
    )
  })
})
