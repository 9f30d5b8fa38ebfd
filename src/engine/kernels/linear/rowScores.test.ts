import { expect, it } from 'vitest'
import { describeOnDevices, sizesToTry } from '../../../../tests/helpers/gpu.ts'
import { expectFusedMatchesTwin, expectMatchesReference } from '../../../../tests/helpers/kernels.ts'
import type { Tensor, Tensor2D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { rowScores } from './rowScores.ts'

const run = (x: Tensor, table: Tensor): Tensor => rowScores(x as Tensor2D, table as Tensor2D)

/** [3, 4] times the transpose of [5, 4] in float64. */
function reference(x: Float64Array, table: Float64Array): number[] {
  return Array.from({ length: 15 }, (_, at) => {
    let sum = 0
    for (let k = 0; k < 4; k++) sum += x[Math.floor(at / 5) * 4 + k]! * table[(at % 5) * 4 + k]!
    return sum
  })
}

await describeOnDevices('rowScores', () => {
  it('equals float64 loops and finite differences', async () => {
    const shapes = [
      [3, 4],
      [5, 4],
    ]
    await expectMatchesReference({ shapes, run }, reference, { rtol: 1e-6, atol: 1e-6 })
  })

  it('fused equals its twin for an odd vocabulary and an even one', async () => {
    for (const vocabSize of sizesToTry([64, 65])) {
      const shapes = [
        [33, 8],
        [vocabSize, 8],
      ]
      await expectFusedMatchesTwin({ shapes, run }, { rtol: 1e-6, atol: 1e-6 })
    }
  })

  it('refuses a table of another width', () => {
    expect(() => run(tf.zeros([2, 3]), tf.zeros([4, 5]))).toThrow(/table: must be float32 \[\*, 3\], got/)
  })
})
