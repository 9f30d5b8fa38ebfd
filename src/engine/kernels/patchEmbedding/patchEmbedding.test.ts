import { expect, it } from 'vitest'
import { convReference } from '../../../../tests/helpers/convReference.ts'
import { describeOnDevices, sizesToTry } from '../../../../tests/helpers/gpu.ts'
import { expectFusedMatchesTwin, expectMatchesReference } from '../../../../tests/helpers/kernels.ts'
import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { patchEmbedding } from './patchEmbedding.ts'

interface Sizes {
  batchSize: number
  height: number
  width: number
  channels: number
  patchSize: number
  embedDim: number
}

function kernelOf({ batchSize, height, width, channels, patchSize, embedDim }: Sizes) {
  return {
    shapes: [[batchSize, height, width, channels], [patchSize * patchSize * channels, embedDim], [embedDim]],
    run: (images: Tensor, weight: Tensor, bias?: Tensor): Tensor =>
      patchEmbedding(images as Tensor4D, weight as Tensor2D, (bias ?? null) as Tensor1D | null, patchSize),
  }
}

await describeOnDevices('patchEmbedding', () => {
  it.each([
    { batchSize: 2, height: 4, width: 6, channels: 3, patchSize: 2, embedDim: 5 },
    { batchSize: 1, height: 4, width: 4, channels: 1, patchSize: 4, embedDim: 8 },
    { batchSize: 1, height: 2, width: 3, channels: 2, patchSize: 1, embedDim: 3 },
  ])(
    'equals a convolution in float64 loops and finite differences: %o',
    async (sizes) => {
      const { patchSize, embedDim } = sizes
      const kernel = [patchSize, patchSize] as const
      const conv = {
        ...sizes,
        outChannels: embedDim,
        kernel,
        stride: patchSize,
        padding: 0,
        dilation: 1,
        groups: 1,
      }
      const reference = (images: Float64Array, weight: Float64Array, bias?: Float64Array): number[] =>
        convReference(conv, images, weight, bias ?? null)
      await expectMatchesReference(kernelOf(sizes), reference, { rtol: 1e-6, atol: 2e-6 })
    },
    60_000,
  )

  it('fused equals its twin at awkward sizes, and has the same bits twice', async () => {
    for (const sizes of sizesToTry([
      { batchSize: 3, height: 15, width: 21, channels: 3, patchSize: 3, embedDim: 65 },
      { batchSize: 65, height: 4, width: 4, channels: 3, patchSize: 4, embedDim: 64 },
      { batchSize: 1, height: 8, width: 63, channels: 1, patchSize: 1, embedDim: 63 },
    ]))
      await expectFusedMatchesTwin(kernelOf(sizes), { rtol: 1e-5, atol: 1e-5 })
  }, 240_000)

  it('refuses images that are no whole patches', () => {
    const cut = (patchSize: number) => () =>
      patchEmbedding(tf.zeros([1, 6, 8, 1]), tf.zeros([patchSize * patchSize, 2]), null, patchSize)
    expect(cut(4)).toThrow(/patchSize must divide the images' 6 rows and 8 columns, got 4/)
    expect(cut(3)).toThrow(/got 3/)
  })
})
