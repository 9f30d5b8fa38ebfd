import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../../tests/helpers/gpu.ts'
import { normals } from '../../../../tests/helpers/kernels.ts'
import * as tf from '../../backend/tfjs.ts'
import { clipFactor, globalNorm } from './globalNorm.ts'

async function read(scalar: tf.Scalar): Promise<number> {
  const [value] = await scalar.data()
  scalar.dispose()
  return value!
}

await describeOnDevices('globalNorm', () => {
  it('is the square root of the sum of all squares, the same bits every time', async () => {
    for (const sizes of [[1], [63, 64, 65], [1000, 1, 5000], [300000]]) {
      const arrays = sizes.map((size, k) => normals(size, `gradient ${k}`))
      const exact = Math.sqrt(
        arrays.flatMap((array) => [...array]).reduce((sum, value) => sum + value * value, 0),
      )
      const tensors = arrays.map((array) => tf.tensor1d(array))
      const before = tf.memory().numTensors
      const norm = await read(globalNorm(tensors))
      expect(Math.abs(norm / exact - 1)).toBeLessThan(2e-6)
      expect(await read(globalNorm(tensors))).toBe(norm)
      expect(tf.memory().numTensors).toBe(before)
      tf.dispose(tensors)
    }
  })

  it('is 0 of nothing, infinite on overflow and NaN with a NaN', async () => {
    expect(await read(globalNorm([]))).toBe(0)
    expect(await read(globalNorm([tf.tensor1d([3e38, 3e38])]))).toBe(Infinity)
    expect(await read(globalNorm([tf.tensor1d([1, NaN])]))).toBeNaN()
  })
})

await describeOnDevices('clipFactor', () => {
  it('shrinks what is longer than the limit and nothing else', async () => {
    expect(await read(clipFactor(tf.scalar(4), 1))).toBeCloseTo(0.25, 6)
    expect(await read(clipFactor(tf.scalar(0.5), 1))).toBe(1)
    expect(await read(clipFactor(tf.scalar(0), 1))).toBe(1)
    expect(await read(clipFactor(tf.scalar(100), 0))).toBe(1)
    expect(await read(clipFactor(tf.scalar(Infinity), 1))).toBe(0)
    expect(await read(clipFactor(tf.scalar(NaN), 1))).toBeNaN()
  })
})
