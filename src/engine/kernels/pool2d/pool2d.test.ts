import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../../tests/helpers/gpu.ts'
import { expectFusedMatchesTwin, expectMatchesReference } from '../../../../tests/helpers/kernels.ts'
import type { Tensor, Tensor4D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { averagePool, maxPool, type PoolOptions } from './pool2d.ts'

interface Sizes {
  shape: readonly [number, number, number, number]
  size: readonly [number, number]
  stride: number
  padding: number
}

const optionsOf = ({ size, stride, padding }: Sizes): PoolOptions => ({
  size,
  stride: [stride, stride],
  padding: { top: padding, bottom: padding, left: padding, right: padding },
})

/** What `reduce` makes of the pixels that each window holds. */
function referenceOf({ shape, size, stride, padding }: Sizes, reduce: (pixels: number[]) => number) {
  const [batchSize, height, width, channels] = shape
  const count = (length: number, taps: number): number =>
    Math.floor((length + 2 * padding - taps) / stride) + 1
  return (x: Float64Array): number[] => {
    const result: number[] = []
    for (let b = 0; b < batchSize; b++)
      for (let oy = 0; oy < count(height, size[0]); oy++)
        for (let ox = 0; ox < count(width, size[1]); ox++)
          for (let c = 0; c < channels; c++) {
            const pixels: number[] = []
            for (let y = oy * stride - padding; y < oy * stride - padding + size[0]; y++)
              for (let column = ox * stride - padding; column < ox * stride - padding + size[1]; column++)
                if (y >= 0 && y < height && column >= 0 && column < width)
                  pixels.push(x[((b * height + y) * width + column) * channels + c]!)
            result.push(reduce(pixels))
          }
    return result
  }
}

const kinds = {
  maxPool: { pool: maxPool, reduce: (pixels: number[]) => Math.max(...pixels) },
  averagePool: {
    pool: averagePool,
    reduce: (pixels: number[]) => pixels.reduce((sum, value) => sum + value, 0) / pixels.length,
  },
}

await describeOnDevices('pool2d', () => {
  for (const [name, { pool, reduce }] of Object.entries(kinds)) {
    it.each<Sizes>([
      { shape: [2, 4, 6, 3], size: [2, 2], stride: 2, padding: 0 },
      { shape: [1, 5, 4, 2], size: [3, 2], stride: 1, padding: 1 },
      { shape: [2, 7, 5, 1], size: [3, 3], stride: 2, padding: 2 },
      { shape: [1, 7, 7, 2], size: [2, 2], stride: 3, padding: 0 },
      { shape: [1, 1, 1, 1], size: [1, 1], stride: 1, padding: 0 },
    ])(`${name} equals float64 loops and finite differences: %o`, async (sizes) => {
      const run = (x: Tensor): Tensor => pool(x as Tensor4D, optionsOf(sizes))
      const kernel = { shapes: [sizes.shape], run }
      await expectMatchesReference(kernel, referenceOf(sizes, reduce), { rtol: 1e-6, atol: 1e-6 })
    })

    it(`${name} fused equals its twin at awkward sizes, and has the same bits twice`, async () => {
      for (const channels of [1, 63, 64, 65]) {
        const run = (x: Tensor): Tensor =>
          pool(x as Tensor4D, { size: [3, 3], stride: [2, 2], padding: 'same' })
        await expectFusedMatchesTwin({ shapes: [[2, 8, 5, channels]], run }, { rtol: 1e-6, atol: 1e-6 })
      }
    }, 60_000)
  }

  it('gives the gradient of a maximum to the first of equal pixels', async () => {
    const run = (x: Tensor): Tensor =>
      maxPool(x as Tensor4D, { size: [2, 2], stride: [1, 1], padding: 'valid' })
    const gradient = tf.grad((x: Tensor) => tf.sum(run(x)))(tf.tensor([1, 5, 5, 5, 0, 5], [1, 2, 3, 1]))
    expect([...(await gradient.data())]).toEqual([0, 2, 0, 0, 0, 0])
  })

  it('finds a maximum below zero beside padding', async () => {
    const y = maxPool(tf.fill([1, 2, 2, 1], -3), { size: [3, 3], stride: [2, 2], padding: 'same' })
    expect([...(await y.data())]).toEqual([-3])
  })

  it('refuses padding by which a window would hold no pixel', () => {
    const padding = { top: 2, bottom: 0, left: 0, right: 0 }
    const x = tf.zeros<tf.Rank.R4>([1, 4, 4, 1])
    expect(() => maxPool(x, { size: [2, 2], stride: [1, 1], padding })).toThrow(
      /padding must be less than the size 2 x 2, got 2 x 0 before and 0 x 0 after/,
    )
  })
})
