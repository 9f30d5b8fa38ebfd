import { Generator } from '../../../src/core/rng.ts'
import * as tf from '../../../src/engine/backend/tfjs.ts'
import type { Batch } from '../../../src/engine/training/trainSession.ts'
import { createJaxParts } from '../contenders/jaxTransformer.ts'
import { pair, stockBlocks, stockCrossEntropy, stockNorm } from '../contenders/stockTransformer.ts'
import { normEpsilon, seed } from '../hyper.ts'
import { createWorkload, type BenchModel } from './benchModel.ts'
import { barImages, imageTower, type ImageTowerSize } from './imageTower.ts'
import { stackFlops, type StackSize } from './stackSize.ts'

export interface DualEncoderSize extends ImageTowerSize {
  readonly name: string
  /** Tokens of a text, all of which count. */
  readonly seqLen: number
  readonly vocabSize: number
  /** Width in which images and texts are compared. */
  readonly projectionDim: number
}

const temperature = 0.07

/** CLIP (Radford et al. 2021): two towers of one size, and the symmetric contrastive loss at a fixed temperature. */
export function dualEncoderModel(size: DualEncoderSize): BenchModel {
  const { name, side, batchSize, numLayers, embedDim, numHeads, seqLen, vocabSize, projectionDim } = size
  const tower = imageTower(size)
  const texts: StackSize = { ...size, isCausal: true }
  const rows = batchSize * seqLen
  const projections = 2 * 3 * 2 * batchSize * embedDim * projectionDim
  const similarities = 3 * 2 * batchSize ** 2 * projectionDim
  const own = { image: 'image_projection.weight', text: 'text_projection.weight' } as const
  return {
    name,
    shape: `dual encoder, each tower of ${tower.shape}, and texts of ${seqLen} tokens of ${vocabSize}, compared in ${projectionDim}`,
    flopsPerStep: tower.flops + stackFlops(texts) + projections + similarities,
    perStep: { count: batchSize, unit: 'pairs' },
    workload: (precision = 'float32') =>
      createWorkload(
        {
          task: 'image-text',
          model: {
            kind: 'dual-encoder',
            image: tower.settings,
            text: {
              numLayers,
              embedDim,
              numHeads,
              seqLen,
              normEpsilon,
              dropoutRate: 0,
              activation: 'gelu-tanh',
            },
            projectionDim,
          },
          stage: { losses: [{ name: 'clip', params: { temperature } }] },
          batchSize,
          precision,
        },
        {
          facts: { image: { height: side, width: side, channels: 1 }, vocabSize, textTokens: seqLen },
          batch: (index) => makeBatch(size, index),
        },
      ),
    feeds: ['pixels', 'texts'],
    stockLoss(weight, [pixels, ids]) {
      const ofImages = tf.matMul(tower.stock(weight, pixels!, 'image.'), weight(own.image))
      const byToken = tf.gather(weight('text.wte.weight'), ids as tf.Tensor1D)
      const placed = tf.add(tf.reshape(byToken, [batchSize, seqLen, -1]), weight('text.wpe.weight'))
      const x = stockBlocks(tf.reshape(placed, [rows, -1]), weight, 'text.', texts)
      const normed = tf.reshape(stockNorm(x, ...pair(weight, 'text.ln_f')), [batchSize, seqLen, embedDim])
      const last = tf.slice(normed, [0, seqLen - 1, 0], [batchSize, 1, embedDim])
      const ofTexts = tf.matMul(tf.reshape(last, [batchSize, embedDim]), weight(own.text))
      const unit = (v: tf.Tensor) => tf.div(v, tf.sqrt(tf.sum(tf.square(v), -1, true)))
      const scores = tf.mul(tf.matMul(unit(ofImages), unit(ofTexts), false, true), 1 / temperature)
      const partners = tf.range(0, batchSize, 1, 'int32')
      const both = tf.add(
        stockCrossEntropy(scores, partners),
        stockCrossEntropy(tf.transpose(scores), partners),
      )
      return tf.mul(both, 0.5)
    },
    jaxLoss(jax) {
      const { numpy: np } = jax
      const { embed, blocks, norm, pair: both, crossEntropy } = createJaxParts(jax)
      const run = tower.jax(jax)
      const unit = (v: ReturnType<typeof embed>) =>
        v.ref.div(np.sqrt(np.sum(v.ref.mul(v), -1, { keepdims: true })))
      return (weight, [pixels, ids]) => {
        const ofImages = np.matmul(run(weight, pixels!, 'image.'), weight(own.image))
        const byToken = embed(ids!, weight('text.wte.weight')).reshape([batchSize, seqLen, embedDim])
        const placed = byToken.add(weight('text.wpe.weight')).reshape([rows, embedDim])
        const x = norm(blocks(placed, weight, 'text.', texts), ...both(weight, 'text.ln_f'))
        const last = x.reshape([batchSize, seqLen, embedDim]).slice([], seqLen - 1)
        const ofTexts = np.matmul(last, weight(own.text))
        const scores = np.matmul(unit(ofImages), unit(ofTexts).transpose()).mul(1 / temperature)
        const partners = () => np.arange(batchSize)
        return crossEntropy(scores.ref, partners()).add(crossEntropy(scores.transpose(), partners())).mul(0.5)
      }
    },
  }
}

/** The height of a picture's bar is the first word of its text; the others say nothing. */
function makeBatch(size: DualEncoderSize, index: number): Batch {
  const { batchSize, seqLen, vocabSize } = size
  const { pixels, labels } = barImages(size, vocabSize, index)
  const generator = new Generator(seed, 'bench/texts')
  const texts = Int32Array.from({ length: batchSize * seqLen }, (_, i) =>
    i % seqLen === 0 ? labels[i / seqLen]! : generator.below(vocabSize, index, i),
  )
  const textMask = new Int32Array(texts.length).fill(1)
  // No two are the same caption, so that each picture has one partner in all libraries.
  const textIds = Int32Array.from({ length: batchSize }, (_, i) => i)
  return { arrays: { pixels, texts, textMask, textIds }, batchSize }
}
