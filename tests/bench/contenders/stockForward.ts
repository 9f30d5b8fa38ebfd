import * as tf from '../../../src/engine/backend/tfjs.ts'
import { normEpsilon, type BenchSize } from '../sizes.ts'

/** The GPT from tfjs operations only. `weight` looks a weight up by Bunsen's name. */
export function createForward(size: BenchSize, weight: (name: string) => tf.Tensor) {
  const { batchSize, seqLen, numLayers, vocabSize } = size
  const mask = tf.tidy(() => tf.keep(causalMask(seqLen)))

  function block(x: tf.Tensor, prefix: string): tf.Tensor {
    const part = (name: string): [tf.Tensor, tf.Tensor] => [
      weight(`${prefix}${name}.weight`),
      weight(`${prefix}${name}.bias`),
    ]
    const attended = attention(dense(layerNorm(x, ...part('ln_1')), ...part('attn.c_attn')), mask, size)
    const middle = tf.add(x, dense(attended, ...part('attn.c_proj')))
    const hidden = gelu(dense(layerNorm(middle, ...part('ln_2')), ...part('mlp.c_fc')))
    return tf.add(middle, dense(hidden, ...part('mlp.c_proj')))
  }

  return {
    /** Mean cross-entropy of ids [B*T] against targets [B*T]. */
    loss(ids: tf.Tensor1D, targets: tf.Tensor1D): tf.Scalar {
      const byToken = tf.reshape(tf.gather(weight('transformer.wte.weight'), ids), [batchSize, seqLen, -1])
      let x = tf.reshape(tf.add(byToken, weight('transformer.wpe.weight')), [batchSize * seqLen, -1])
      for (let layer = 0; layer < numLayers; layer++) x = block(x, `transformer.h.${layer}.`)
      x = layerNorm(x, weight('transformer.ln_f.weight'), weight('transformer.ln_f.bias'))
      const logits = tf.matMul(x, weight('lm_head.weight'), false, true)
      const picked = tf.mul(tf.logSoftmax(logits), tf.oneHot(targets, vocabSize))
      return tf.neg(tf.div(tf.sum(picked), batchSize * seqLen))
    },
    dispose: () => mask.dispose(),
  }
}

function causalMask(seqLen: number): tf.Tensor2D {
  const values = new Float32Array(seqLen * seqLen)
  for (let i = 0; i < seqLen; i++) values.fill(-1e9, i * seqLen + i + 1, (i + 1) * seqLen)
  return tf.tensor2d(values, [seqLen, seqLen])
}

function dense(x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor): tf.Tensor {
  return tf.add(tf.matMul(x, weight), bias)
}

function layerNorm(x: tf.Tensor, gain: tf.Tensor, bias: tf.Tensor): tf.Tensor {
  const centred = tf.sub(x, tf.mean(x, -1, true))
  const variance = tf.mean(tf.square(centred), -1, true)
  return tf.add(tf.mul(tf.mul(centred, tf.rsqrt(tf.add(variance, normEpsilon))), gain), bias)
}

function gelu(x: tf.Tensor): tf.Tensor {
  const inner = tf.mul(tf.add(x, tf.mul(tf.mul(tf.mul(x, x), x), 0.044715)), Math.sqrt(2 / Math.PI))
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(inner), 1))
}

/** qkv [B*T, 3*D] to [B*T, D]. */
function attention(
  qkv: tf.Tensor,
  mask: tf.Tensor,
  { batchSize, seqLen, numHeads, embedDim }: BenchSize,
): tf.Tensor {
  const headDim = embedDim / numHeads
  const parts = tf.transpose(tf.reshape(qkv, [batchSize, seqLen, 3, numHeads, headDim]), [2, 0, 3, 1, 4])
  const [q, k, v] = tf.unstack(parts, 0) as [tf.Tensor, tf.Tensor, tf.Tensor] // [B, H, T, headDim]
  const scores = tf.add(tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(headDim)), mask)
  const mixed = tf.matMul(tf.softmax(scores, -1), v)
  return tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), [batchSize * seqLen, embedDim])
}
