import { Generator } from '../../../src/core/rng.ts'
import * as tf from '../../../src/engine/backend/tfjs.ts'
import type { Batch } from '../../../src/engine/training/trainSession.ts'
import { tokenBatch } from '../../helpers/tokenBatch.ts'
import { createJaxParts } from '../contenders/jaxTransformer.ts'
import { pair, stockBlocks, stockCrossEntropy, stockNorm } from '../contenders/stockTransformer.ts'
import { normEpsilon, seed } from '../hyper.ts'
import { createWorkload, type BenchModel } from './benchModel.ts'
import { stackFlops, type StackSize } from './stackSize.ts'

export interface GptSize extends Omit<StackSize, 'isCausal'> {
  readonly name: string
  readonly vocabSize: number
}

/** A language model whose head is not tied. */
export function gptModel(size: GptSize): BenchModel {
  const { name, numLayers, embedDim, numHeads, seqLen, batchSize, vocabSize } = size
  const stack = { ...size, isCausal: true }
  const tokens = batchSize * seqLen
  return {
    name,
    shape: `${numLayers} layers, width ${embedDim}, ${numHeads} heads, ${batchSize} x ${seqLen} tokens of ${vocabSize}`,
    flopsPerStep: stackFlops(stack) + 3 * 2 * tokens * embedDim * vocabSize,
    perStep: { count: tokens, unit: 'tokens' },
    workload: (precision = 'float32') =>
      createWorkload(
        {
          model: { numLayers, embedDim, numHeads, seqLen, normEpsilon, isHeadTied: false, dropoutRate: 0 },
          batchSize,
          precision,
        },
        { facts: { vocabSize }, batch: (index) => makeBatch(size, index) },
      ),
    feeds: ['ids', 'targets'],
    stockLoss(weight, [ids, targets]) {
      const byToken = tf.gather(weight('transformer.wte.weight'), ids as tf.Tensor1D)
      const placed = tf.add(tf.reshape(byToken, [batchSize, seqLen, -1]), weight('transformer.wpe.weight'))
      const x = stockBlocks(tf.reshape(placed, [tokens, -1]), weight, 'transformer.', stack)
      const last = stockNorm(x, ...pair(weight, 'transformer.ln_f'))
      return stockCrossEntropy(tf.matMul(last, weight('lm_head.weight'), false, true), targets!)
    },
    jaxLoss(jax) {
      const { embed, blocks, norm, pair: both, crossEntropy } = createJaxParts(jax)
      return (weight, [ids, targets]) => {
        const byToken = embed(ids!, weight('transformer.wte.weight')).reshape([batchSize, seqLen, embedDim])
        const placed = byToken.add(weight('transformer.wpe.weight')).reshape([tokens, embedDim])
        const x = norm(blocks(placed, weight, 'transformer.', stack), ...both(weight, 'transformer.ln_f'))
        return crossEntropy(jax.numpy.matmul(x, weight('lm_head.weight').transpose()), targets!)
      }
    },
  }
}

/** Sequences that follow a simple rule four times out of five, so that the loss falls. */
function makeBatch({ batchSize, seqLen, vocabSize }: GptSize, index: number): Batch {
  const generator = new Generator(seed, 'bench/batch')
  const ids = new Int32Array(batchSize * seqLen)
  const targets = new Int32Array(batchSize * seqLen)
  for (let row = 0; row < batchSize; row++) {
    let token = generator.below(vocabSize, index, row)
    for (let position = 0; position < seqLen; position++) {
      const at = row * seqLen + position
      ids[at] = token
      const isRegular = generator.uniform(index, batchSize + 2 * at) < 0.8
      token = isRegular
        ? (token * 7 + 3) % vocabSize
        : generator.below(vocabSize, index, batchSize + 2 * at + 1)
      targets[at] = token
    }
  }
  return tokenBatch({ ids, targets, batchSize })
}
