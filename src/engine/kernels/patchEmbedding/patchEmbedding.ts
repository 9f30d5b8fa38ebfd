import { ShapeError } from '../../../core/errors.ts'
import type { Tensor1D, Tensor2D, Tensor4D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { fusedConv } from '../conv2d/convKernel.ts'
import { everyPlace, windowsOver } from '../conv2d/windows.ts'
import { linearTwin } from '../linear/linear.ts'
import { fusedBackend } from '../mode.ts'
import { checkTensor } from '../shapes.ts'

/**
 * Images cut into patches and projected (Dosovitskiy et al. 2021): a convolution whose stride is its kernel, in one
 * dispatch that gathers the patches as it loads them. Patches are in row-major order. The images' gradient is made only
 * where it is asked for.
 * @param images [B, height, width, C]; height and width are multiples of `patchSize`
 * @param weight [patchSize * patchSize * C, D], rows by row, column and channel of the patch
 * @param bias [D] or null
 * @returns [B * height / patchSize * width / patchSize, D]
 * @throws ShapeError
 */
export function patchEmbedding(
  images: Tensor4D,
  weight: Tensor2D,
  bias: Tensor1D | null,
  patchSize: number,
): Tensor2D {
  checkTensor('patchEmbedding images', images, [null, null, null, null])
  checkPatches(images, patchSize)
  checkTensor('patchEmbedding weight', weight, [patchSize * patchSize * images.shape[3], null])
  if (bias) checkTensor('patchEmbedding bias', bias, [weight.shape[1]])
  const backend = fusedBackend('patchEmbedding', images, weight)
  if (backend === null) return patchEmbeddingTwin(images, weight, bias, patchSize)
  return tf.tidy(() => {
    const kernel = [patchSize, patchSize] as const
    const { unfolding } = windowsOver('patchEmbedding', images, kernel, { ...everyPlace, stride: kernel })
    const patches = fusedConv(backend, { x: images, weight, bias, unfolding, activation: null })
    return tf.reshape(patches, [-1, weight.shape[1]])
  })
}

function checkPatches({ shape: [, height, width] }: Tensor4D, patchSize: number): void {
  const fits = [height, width].every((size) => size >= patchSize && size % patchSize === 0)
  if (Number.isInteger(patchSize) && patchSize >= 1 && fits) return
  throw new ShapeError(
    `patchEmbedding: patchSize must divide the images' ${height} rows and ${width} columns, got ${patchSize}`,
    { code: 'patch-size', remedy: 'Choose a patchSize that divides both, or resize the images.' },
  )
}

function patchEmbeddingTwin(
  images: Tensor4D,
  weight: Tensor2D,
  bias: Tensor1D | null,
  patchSize: number,
): Tensor2D {
  return tf.tidy(() => {
    const [batchSize, height, width, channels] = images.shape
    const [down, across] = [height / patchSize, width / patchSize]
    // [B * down, row of the patch, across, its columns and channels]
    const cut = tf.reshape(images, [batchSize * down, patchSize, across, patchSize * channels])
    const patches: Tensor2D = tf.reshape(tf.transpose(cut, [0, 2, 1, 3]), [-1, weight.shape[0]])
    return linearTwin(patches, weight, bias)
  })
}
