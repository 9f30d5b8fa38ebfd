import * as tf from '../../../src/engine/backend/tfjs.ts'
import { normEpsilon } from '../hyper.ts'
import type { StockWeight } from '../models/benchModel.ts'
import type { StackSize } from '../models/stackSize.ts'

/** Pre-norm blocks of a transformer from tfjs operations only, for rows [B*T, D]. `prefix` is that of `h.0.`. */
export function stockBlocks(x: tf.Tensor, weight: StockWeight, prefix: string, size: StackSize): tf.Tensor {
  for (let layer = 0; layer < size.numLayers; layer++) x = block(x, weight, `${prefix}h.${layer}.`, size)
  return x
}

function block(x: tf.Tensor, weight: StockWeight, prefix: string, size: StackSize): tf.Tensor {
  const part = (name: string) => pair(weight, `${prefix}${name}`)
  const attended = attention(dense(stockNorm(x, ...part('ln_1')), ...part('attn.c_attn')), size)
  const middle = tf.add(x, dense(attended, ...part('attn.c_proj')))
  const hidden = gelu(dense(stockNorm(middle, ...part('ln_2')), ...part('mlp.c_fc')))
  return tf.add(middle, dense(hidden, ...part('mlp.c_proj')))
}

/** Weight and bias of the layer `name`. */
export function pair(weight: StockWeight, name: string): [tf.Tensor, tf.Tensor] {
  return [weight(`${name}.weight`), weight(`${name}.bias`)]
}

export function dense(x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor): tf.Tensor {
  return tf.add(tf.matMul(x, weight), bias)
}

export function stockNorm(x: tf.Tensor, gain: tf.Tensor, bias: tf.Tensor): tf.Tensor {
  const centred = tf.sub(x, tf.mean(x, -1, true))
  const variance = tf.mean(tf.square(centred), -1, true)
  return tf.add(tf.mul(tf.mul(centred, tf.rsqrt(tf.add(variance, normEpsilon))), gain), bias)
}

/** Mean cross-entropy of logits [N, C] against int32 targets [N]. */
export function stockCrossEntropy(logits: tf.Tensor, targets: tf.Tensor): tf.Scalar {
  const [rows, classes] = logits.shape as [number, number]
  const picked = tf.mul(tf.logSoftmax(logits), tf.oneHot(targets as tf.Tensor1D, classes))
  return tf.neg(tf.div(tf.sum(picked), rows))
}

function gelu(x: tf.Tensor): tf.Tensor {
  const inner = tf.mul(tf.add(x, tf.mul(tf.mul(tf.mul(x, x), x), 0.044715)), Math.sqrt(2 / Math.PI))
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(inner), 1))
}

/** qkv [B*T, 3*D] to [B*T, D]. */
function attention(qkv: tf.Tensor, size: StackSize): tf.Tensor {
  const { batchSize, seqLen, numHeads, embedDim, isCausal } = size
  const headDim = embedDim / numHeads
  const parts = tf.transpose(tf.reshape(qkv, [batchSize, seqLen, 3, numHeads, headDim]), [2, 0, 3, 1, 4])
  const [q, k, v] = tf.unstack(parts, 0) as [tf.Tensor, tf.Tensor, tf.Tensor] // [B, H, T, headDim]
  const scaled = tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(headDim))
  const scores = isCausal ? tf.add(scaled, causalMask(seqLen)) : scaled
  const mixed = tf.matMul(tf.softmax(scores, -1), v)
  return tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), [batchSize * seqLen, embedDim])
}

function causalMask(seqLen: number): tf.Tensor2D {
  const values = new Float32Array(seqLen * seqLen)
  for (let i = 0; i < seqLen; i++) values.fill(-1e9, i * seqLen + i + 1, (i + 1) * seqLen)
  return tf.tensor2d(values, [seqLen, seqLen])
}
