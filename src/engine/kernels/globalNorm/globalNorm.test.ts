import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../../tests/helpers/gpu.ts'
import { normals } from '../../../../tests/helpers/kernels.ts'
import { LabBackend } from '../../backend/labBackend.ts'
import * as tf from '../../backend/tfjs.ts'
import { clipByGlobalNorm } from './globalNorm.ts'

/** Factor and norm. */
async function clip(arrays: readonly ArrayLike<number>[], maxNorm: number): Promise<[number, number]> {
  const tensors = arrays.map((array) => tf.tensor1d(Float32Array.from(array)))
  const before = tf.memory().numTensors
  const result = clipByGlobalNorm(tensors, maxNorm)
  const [factor, norm] = await result.data()
  result.dispose()
  expect(tf.memory().numTensors, 'tensors leaked').toBe(before)
  tf.dispose(tensors)
  return [factor!, norm!]
}

/** As on rasterisers and as on hardware, where the backend has these forms. */
async function inBothForms(check: () => Promise<void>): Promise<void> {
  const backend = tf.backend()
  if (!(backend instanceof LabBackend)) return check()
  const { isSoftware } = backend
  for (const form of [true, false]) {
    backend.isSoftware = form
    await check()
  }
  backend.isSoftware = isSoftware
}

await describeOnDevices('clipByGlobalNorm', () => {
  it('gives the square root of the sum of all squares, the same bits every time', async () => {
    for (const sizes of [[1], [63, 64, 65], [1000, 1, 5000], [300000]]) {
      const arrays = sizes.map((size, k) => normals(size, `gradient ${k}`))
      const exact = Math.sqrt(
        arrays.flatMap((array) => [...array]).reduce((sum, value) => sum + value * value, 0),
      )
      await inBothForms(async () => {
        const [factor, norm] = await clip(arrays, 0)
        expect(factor).toBe(1)
        expect(Math.abs(norm / exact - 1)).toBeLessThan(2e-6)
        expect(await clip(arrays, 0)).toEqual([factor, norm])
      })
    }
  })

  it('shrinks what is longer than the limit and nothing else', async () => {
    expect((await clip([[0, 4]], 1))[0]).toBeCloseTo(0.25, 6)
    expect((await clip([[0.3, 0.4]], 1))[0]).toBe(1)
    expect((await clip([[0]], 1))[0]).toBe(1)
    expect((await clip([[100]], 0))[0]).toBe(1)
  })

  it('is 0 of nothing, not finite on overflow and NaN with a NaN', async () => {
    expect((await clip([], 1))[1]).toBe(0)
    const [factor, norm] = await clip([[3e38, 3e38]], 1)
    expect([factor, norm]).toEqual([0, Infinity])
    await inBothForms(async () => {
      expect((await clip([[1, NaN]], 1))[1]).toBeNaN()
      expect((await clip([[1, 2, NaN, 4]], 1))[1]).toBeNaN()
      expect(Number.isFinite((await clip([[1], [2, -Infinity]], 1))[1])).toBe(false)
    })
  })
})
