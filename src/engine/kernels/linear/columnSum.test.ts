import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../../tests/helpers/gpu.ts'
import { expectClose, normals } from '../../../../tests/helpers/kernels.ts'
import * as tf from '../../backend/tfjs.ts'
import { columnSum } from './columnSum.ts'

const awkward = [
  [1, 1],
  [63, 64],
  [64, 65],
  [65, 63],
  [1000, 7],
  [5000, 3],
  [17, 1000],
] as const

await describeOnDevices('columnSum', () => {
  it('adds up the rows of every column, the same bits every time', async () => {
    for (const [rows, width] of awkward) {
      const values = normals(rows * width, 'x')
      const expected = new Array<number>(width).fill(0)
      values.forEach((value, i) => (expected[i % width]! += value))
      const x = tf.tensor2d(values, [rows, width])
      const before = tf.memory().numTensors
      const [sums, again] = [columnSum(x), columnSum(x)]
      expectClose(await sums.data(), expected, { rtol: 1e-6, atol: 1e-6 })
      expect(await again.data()).toEqual(await sums.data())
      tf.dispose([sums, again])
      expect(tf.memory().numTensors, 'tensors leaked').toBe(before)
      x.dispose()
    }
  })
})
