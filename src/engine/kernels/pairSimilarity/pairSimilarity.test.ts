import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../../tests/helpers/gpu.ts'
import { normals } from '../../../../tests/helpers/kernels.ts'
import * as tf from '../../backend/tfjs.ts'
import { pairSimilarity } from './pairSimilarity.ts'

await describeOnDevices('pairSimilarity', () => {
  it.each([
    [1, 3],
    [2, 1],
    [63, 64],
    [65, 129],
    [1000, 5],
  ])('equals float64 loops over all pairs of %i rows, %i wide', async (count, width) => {
    const [left, right] = [normals(count * width, 'left'), normals(count * width, 'right')]
    let [partners, others] = [0, 0]
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < count; j++) {
        let product = 0
        for (let d = 0; d < width; d++) product += left[i * width + d]! * right[j * width + d]!
        if (i === j) partners += product
        else others += product
      }
    }
    const before = tf.memory().numTensors
    const [a, b] = [tf.tensor2d(left, [count, width]), tf.tensor2d(right, [count, width])]
    const { positive, negative } = pairSimilarity(a, b)
    expect((await positive.data())[0]).toBeCloseTo(partners / count, 4)
    expect((await negative.data())[0]).toBeCloseTo(count === 1 ? 0 : others / (count * (count - 1)), 4)
    tf.dispose([a, b, positive, negative])
    expect(tf.memory().numTensors).toBe(before)
  })

  it('refuses sides of different shapes', () => {
    expect(() => pairSimilarity(tf.zeros([2, 3]), tf.zeros([3, 3]))).toThrow(/pairSimilarity b/)
  })
})
