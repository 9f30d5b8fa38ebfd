import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../../tests/helpers/gpu.ts'
import { expectClose, normals } from '../../../../tests/helpers/kernels.ts'
import * as tf from '../../backend/tfjs.ts'
import { combine } from './combine.ts'

await describeOnDevices('combine', () => {
  it.each([1, 63, 64, 65, 1000])(
    'equals loops at %i numbers, with factors here and on the device',
    async (size) => {
      const [x, y] = [normals(size, 'x'), normals(size, 'y')]
      const [left, right] = [tf.tensor1d(x), tf.tensor1d(y)]
      const [a, b] = [tf.scalar(0.3), tf.scalar(-2)]
      const before = tf.memory().numTensors
      const expected = Array.from(x, (value, i) => 0.3 * value - 2 * y[i]!)
      for (const factors of [
        [0.3, -2],
        [a, -2],
        [0.3, b],
        [a, b],
      ] as const) {
        const sum = combine([left, factors[0]], [right, factors[1]])
        expectClose(await sum.data(), expected, { rtol: 1e-6, atol: 0 })
        sum.dispose()
      }
      expect(tf.memory().numTensors).toBe(before)
      tf.dispose([left, right, a, b])
    },
  )

  it('refuses tensors of different shapes', () => {
    expect(() => combine([tf.zeros([2, 3]), 1], [tf.zeros([3, 2]), 1])).toThrow(/combine y/)
  })
})
