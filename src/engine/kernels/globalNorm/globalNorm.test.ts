import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../../tests/helpers/gpu.ts'
import { normals } from '../../../../tests/helpers/kernels.ts'
import { LabBackend } from '../../backend/labBackend.ts'
import * as tf from '../../backend/tfjs.ts'
import { clipByGlobalNorm, type GlobalNorm } from './globalNorm.ts'

/** Factor and norm. */
async function clip(
  arrays: readonly ArrayLike<number>[],
  maxNorm: number,
  kind?: GlobalNorm,
): Promise<[number, number]> {
  const tensors = arrays.map((array) => tf.tensor1d(Float32Array.from(array)))
  const before = tf.memory().numTensors
  const result = clipByGlobalNorm(tensors, maxNorm, kind)
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

/** In float64. */
const exactly: Readonly<Record<GlobalNorm, (values: readonly number[]) => number>> = {
  l1: (values) => values.reduce((sum, value) => sum + Math.abs(value), 0),
  l2: (values) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0)),
  max: (values) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0),
}
const kinds = Object.keys(exactly) as GlobalNorm[]

await describeOnDevices('clipByGlobalNorm', () => {
  it.each(kinds)('gives the norm of kind %s of all numbers, the same bits every time', async (kind) => {
    for (const sizes of [[1], [63, 64, 65], [1000, 1, 5000], [300000]]) {
      const arrays = sizes.map((size, k) => normals(size, `gradient ${k}`))
      const exact = exactly[kind](arrays.flatMap((array) => [...array]))
      await inBothForms(async () => {
        const [factor, norm] = await clip(arrays, 0, kind)
        expect(factor).toBe(1)
        expect(Math.abs(norm / exact - 1)).toBeLessThan(2e-6)
        expect(await clip(arrays, 0, kind)).toEqual([factor, norm])
      })
    }
  })

  /*
   * torch 2.13: with w = [torch.nn.Parameter(torch.zeros(3)), torch.nn.Parameter(torch.zeros(2, 2))] and
   * w[0].grad, w[1].grad = torch.tensor([0.5, -2.0, 0.25]), torch.tensor([[1.0, -0.125], [0.0, 3.0]]):
   * clip_grad_norm_(w, 1.5, norm_type=p), then w[1].grad[1, 1] / 3, for p = 1, 2 and inf.
   */
  it.each<[kind: GlobalNorm, norm: number, factor: number]>([
    ['l1', 6.875, 0.2181817889213562],
    ['l2', 3.7852509021759033, 0.3962748448053996],
    ['max', 3, 0.4999998410542806],
  ])('clips by the norm of kind %s as torch.nn.utils.clip_grad_norm_', async (kind, norm, factor) => {
    const gradients = [
      [0.5, -2, 0.25],
      [1, -0.125, 0, 3],
    ]
    await inBothForms(async () => {
      const [ours, length] = await clip(gradients, 1.5, kind)
      expect(length / norm).toBeCloseTo(1, 6)
      expect(ours / factor).toBeCloseTo(1, 6)
      expect((await clip(gradients, 1.01 * norm, kind))[0], 'what is shorter stays').toBe(1)
    })
  })

  it('shrinks what is longer than the limit and nothing else', async () => {
    expect((await clip([[0, 4]], 1))[0]).toBeCloseTo(0.25, 6)
    expect((await clip([[0.3, 0.4]], 1))[0]).toBe(1)
    expect((await clip([[0]], 1))[0]).toBe(1)
    expect((await clip([[100]], 0))[0]).toBe(1)
  })

  it.each(kinds)('of kind %s is 0 of nothing, and NaN or infinite where a number is', async (kind) => {
    expect((await clip([], 1, kind))[1]).toBe(0)
    await inBothForms(async () => {
      expect((await clip([[1, NaN]], 1, kind))[1]).toBeNaN()
      expect((await clip([[1, 2, NaN, 4]], 1, kind))[1]).toBeNaN()
      expect(Number.isFinite((await clip([[1], [2, -Infinity]], 1, kind))[1])).toBe(false)
    })
  })

  it('is infinite where a sum overflows, and what has no sum does not', async () => {
    const large = [[3e38, -3e38]]
    expect(await clip(large, 1, 'l1')).toEqual([0, Infinity])
    expect(await clip(large, 1, 'l2')).toEqual([0, Infinity])
    expect((await clip(large, 1, 'max'))[1] / 3e38).toBeCloseTo(1, 6)
  })
})
