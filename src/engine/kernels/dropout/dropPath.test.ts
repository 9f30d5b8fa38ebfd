import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../../tests/helpers/gpu.ts'
import { expectFusedMatchesTwin, expectMatchesReference } from '../../../../tests/helpers/kernels.ts'
import { Generator } from '../../../core/rng.ts'
import type { Tensor, Tensor2D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { dropPath } from './dropPath.ts'
import { dropoutMask } from './dropoutMask.ts'

const options = { rate: 0.4, step: 3, key: new Generator(5, 'dropout/path').key, counter: null }

function kernelOf(batchSize: number, seqLen: number, width: number) {
  const shape = [batchSize * seqLen, width]
  const run = (x: Tensor, residual: Tensor): Tensor =>
    dropPath({ x: x as Tensor2D, residual: residual as Tensor2D, batchSize }, options)
  return { shapes: [shape, shape], run }
}

await describeOnDevices('dropPath', () => {
  it('keeps or drops whole samples, by the numbers that dropout draws for as many elements', async () => {
    const [batchSize, size] = [7, 6]
    const mask = dropoutMask(batchSize, options)
    expect(new Set(mask).size).toBe(2)
    const reference = (x: Float64Array, residual: Float64Array): Float64Array =>
      x.map((value, i) => residual[i]! + value * mask[Math.floor(i / size)]!)
    await expectMatchesReference(kernelOf(batchSize, 2, 3), reference, { rtol: 1e-6, atol: 1e-6 })
  })

  it('fused equals its twin at awkward sizes, and has the same bits twice', async () => {
    for (const width of [1, 63, 64, 65])
      await expectFusedMatchesTwin(kernelOf(width, 3, width), { rtol: 1e-6, atol: 1e-6 })
  }, 60_000)

  it('is a sum at rate 0, and refuses rates and batches that make no sense', async () => {
    const x = tf.ones<tf.Rank.R2>([6, 1])
    const path = { x, residual: x, batchSize: 3 }
    expect([...(await dropPath(path, { ...options, rate: 0 }).data())]).toEqual([2, 2, 2, 2, 2, 2])
    expect(() => dropPath(path, { ...options, rate: 1 })).toThrow(/at least 0 and less than 1, got 1/)
    expect(() => dropPath({ ...path, batchSize: 4 }, options)).toThrow(
      /batchSize must divide the 6 rows of x, got 4/,
    )
  })
})
