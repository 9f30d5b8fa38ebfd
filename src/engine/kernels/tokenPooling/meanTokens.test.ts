import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../../tests/helpers/gpu.ts'
import { expectFusedMatchesTwin, expectMatchesReference } from '../../../../tests/helpers/kernels.ts'
import type { Tensor, Tensor2D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { meanTokens } from './meanTokens.ts'

/** Every third token is out; of the first sample all are, where there is more than one. */
function maskOf(batchSize: number, tokens: number): number[] {
  return Array.from({ length: batchSize * tokens }, (_, i) =>
    (batchSize > 1 && i < tokens) || i % 3 === 1 ? 0 : 1,
  )
}

function kernelOf(batchSize: number, tokens: number, width: number, mask: number[] | null) {
  const run = (x: Tensor): Tensor =>
    tf.tidy(() =>
      meanTokens(x as Tensor2D, batchSize, mask && tf.tensor2d(mask, [batchSize, tokens], 'int32')),
    )
  return { shapes: [[batchSize * tokens, width]], run }
}

await describeOnDevices('meanTokens', () => {
  it.each([false, true])('equals float64 loops and finite differences, with a mask: %s', async (isMasked) => {
    const [batchSize, tokens] = [3, 4]
    for (const width of [5, 8]) {
      const mask = isMasked ? maskOf(batchSize, tokens) : null
      const reference = (x: Float64Array): number[] =>
        Array.from({ length: batchSize * width }, (_, at) => {
          const sample = Math.floor(at / width)
          const rows = Array.from({ length: tokens }, (_, t) => sample * tokens + t)
          const there = rows.filter((row) => mask === null || mask[row] === 1)
          const sum = there.reduce((total, row) => total + x[row * width + (at % width)]!, 0)
          return sum / Math.max(there.length, 1)
        })
      const kernel = kernelOf(batchSize, tokens, width, mask)
      await expectMatchesReference(kernel, reference, { rtol: 1e-6, atol: 1e-6 })
    }
  })

  it('fused equals its twin at awkward sizes, and has the same bits twice', async () => {
    for (const size of [1, 63, 64, 65])
      for (const mask of [null, maskOf(3, size)])
        await expectFusedMatchesTwin(kernelOf(3, size, size, mask), { rtol: 1e-6, atol: 1e-6 })
  }, 60_000)

  it('refuses what does not fit', () => {
    const x = tf.zeros<tf.Rank.R2>([6, 2])
    expect(() => meanTokens(x, 4, null)).toThrow(/batchSize must divide the 6 rows of x, got 4/)
    expect(() => meanTokens(x, 2, tf.zeros([2, 2], 'int32'))).toThrow(/mask: must be int32 \[2, 3\], got/)
  })
})
