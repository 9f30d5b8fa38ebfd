import type { Array as JaxArray } from '@jax-js/jax'
import { Generator } from '../../../src/core/rng.ts'
import * as tf from '../../../src/engine/backend/tfjs.ts'
import { createJaxParts, type Jax } from '../contenders/jaxTransformer.ts'
import { dense, pair, stockBlocks, stockNorm } from '../contenders/stockTransformer.ts'
import { normEpsilon, seed } from '../hyper.ts'
import type { JaxWeight, StockWeight } from './benchModel.ts'
import { stackFlops, type StackSize } from './stackSize.ts'

/** Square images of one channel, a transformer over their patches, and its class token as their vector. */
export interface ImageTowerSize extends Pick<StackSize, 'numLayers' | 'embedDim' | 'numHeads' | 'batchSize'> {
  /** Pixels. */
  readonly side: number
  readonly patchSize: number
}

/** One patch is read by one row of a product, of whose input nobody wants a gradient. */
export function imageTower(size: ImageTowerSize) {
  const { side, patchSize, batchSize, embedDim, numLayers, numHeads } = size
  const grid = side / patchSize
  const patches = grid ** 2
  const pixelsOfPatch = patchSize ** 2
  const stack: StackSize = { ...size, seqLen: patches + 1, isCausal: false }
  const rows = batchSize * stack.seqLen
  const cut = [batchSize, grid, patchSize, grid, patchSize]
  const order = [0, 1, 3, 2, 4]
  return {
    flops: stackFlops(stack) + 2 * 2 * batchSize * patches * pixelsOfPatch * embedDim,
    settings: {
      patchSize,
      numLayers,
      embedDim,
      numHeads,
      normEpsilon,
      activation: 'gelu-tanh',
      pooling: 'class-token',
      dropoutRate: 0,
    },
    shape: `${numLayers} layers, width ${embedDim}, ${numHeads} heads, ${batchSize} images of ${side} x ${side}, patches of ${patchSize} x ${patchSize}`,

    /** pixels [B*side*side] to [B, D]. `prefix` is that of all its weights. */
    stock(weight: StockWeight, pixels: tf.Tensor, prefix: string): tf.Tensor {
      const inPatches = tf.reshape(tf.transpose(tf.reshape(pixels, cut), order), [-1, pixelsOfPatch])
      const tokens = dense(inPatches, ...pair(weight, `${prefix}patches.projection`))
      const first = tf.tile(tf.expandDims(weight(`${prefix}patches.cls_token`), 0), [batchSize, 1, 1])
      const all = tf.concat([first, tf.reshape(tokens, [batchSize, patches, embedDim])], 1)
      const placed = tf.add(all, weight(`${prefix}patches.position_embeddings`))
      const last = stockBlocks(tf.reshape(placed, [rows, embedDim]), weight, prefix, stack)
      const normed = stockNorm(last, ...pair(weight, `${prefix}ln_f`))
      const byImage = tf.reshape(normed, [batchSize, stack.seqLen, embedDim])
      return tf.reshape(tf.slice(byImage, [0, 0, 0], [batchSize, 1, embedDim]), [batchSize, embedDim])
    },

    jax(jax: Jax) {
      const { numpy: np } = jax
      const parts = createJaxParts(jax)
      return (weight: JaxWeight, pixels: JaxArray, prefix: string): JaxArray => {
        const inPatches = pixels
          .reshape(cut)
          .transpose(order)
          .reshape([batchSize * patches, pixelsOfPatch])
        const tokens = parts.dense(inPatches, ...parts.pair(weight, `${prefix}patches.projection`))
        const first = weight(`${prefix}patches.cls_token`).reshape([1, 1, embedDim])
        const all = np.concatenate(
          [np.broadcastTo(first, [batchSize, 1, embedDim]), tokens.reshape([batchSize, patches, embedDim])],
          1,
        )
        const placed = all.add(weight(`${prefix}patches.position_embeddings`)).reshape([rows, embedDim])
        const last = parts.blocks(placed, weight, prefix, stack)
        const normed = parts.norm(last, ...parts.pair(weight, `${prefix}ln_f`))
        return normed.reshape([batchSize, stack.seqLen, embedDim]).slice([], 0)
      }
    },
  }
}

/** A bar of one of `classes` heights, and noise: [B*side*side], and the class of each. */
export function barImages(
  { batchSize, side }: Pick<ImageTowerSize, 'batchSize' | 'side'>,
  classes: number,
  index: number,
): { pixels: Float32Array; labels: Int32Array } {
  const generator = new Generator(seed, 'bench/images')
  const pixels = new Float32Array(batchSize * side ** 2)
  const labels = new Int32Array(batchSize)
  for (let image = 0; image < batchSize; image++) {
    const label = generator.below(classes, index, image)
    labels[image] = label
    const height = ((label + 1) * side) / classes
    for (let i = 0; i < side ** 2; i++) {
      const at = image * side ** 2 + i
      pixels[at] = (Math.floor(i / side) < height ? 1 : 0) + generator.uniform(index, batchSize + at) - 0.5
    }
  }
  return { pixels, labels }
}
