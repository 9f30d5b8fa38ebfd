import type { Tensor2D, Tensor3D, Tensor4D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { dropoutTwin } from '../dropout/dropout.ts'
import type { AttentionOptions } from './attention.ts'
import { rotaryTable } from './rotaryTable.ts'

/** {@link causalAttention} from tfjs operations. */
export function attentionTwin(qkv: Tensor2D, options: AttentionOptions): Tensor2D {
  const { batchSize, seqLen, numHeads, rotary, dropout } = options
  const embedDim = qkv.shape[1] / 3
  const headDim = embedDim / numHeads
  return tf.tidy(() => {
    const heads = tf.split(qkv, 3, 1).map((part) => {
      const split: Tensor4D = tf.reshape(part, [batchSize, seqLen, numHeads, headDim])
      const moved = tf.transpose(split, [0, 2, 1, 3]) // [B, H, T, headDim]
      return tf.reshape(moved, [batchSize * numHeads, seqLen, headDim]) as Tensor3D
    })
    const rotate = (x: Tensor3D): Tensor3D => (rotary ? rotaryTwin(x, rotary.base) : x)
    const q = tf.mul(rotate(heads[0]!), 1 / Math.sqrt(headDim))
    const scores: Tensor3D = tf.matMul(q, rotate(heads[1]!), false, true) // [B*H, T, T]
    const isSeen = tf.tile(causalMask(seqLen), [batchSize * numHeads, 1, 1])
    let weights: Tensor3D = tf.softmax(tf.where(isSeen, scores, tf.fill(scores.shape, -3e38)))
    if (dropout) weights = dropoutTwin(weights, dropout)
    const mixed = tf.reshape(tf.matMul(weights, heads[2]!), [batchSize, numHeads, seqLen, headDim])
    return tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), [batchSize * seqLen, embedDim])
  })
}

/** [1, T, T]: position i sees positions up to itself. */
function causalMask(seqLen: number): Tensor3D {
  const mask = new Uint8Array(seqLen * seqLen)
  for (let i = 0; i < seqLen; i++) mask.fill(1, i * seqLen, i * seqLen + i + 1)
  return tf.tensor3d(mask, [1, seqLen, seqLen], 'bool')
}

/** Half-split rotation of [B*H, T, headDim]: element i pairs with element i + headDim / 2. */
function rotaryTwin(x: Tensor3D, base: number): Tensor3D {
  const [, seqLen, headDim] = x.shape
  const table = tf.tensor3d(rotaryTable(seqLen, headDim, base), [seqLen, headDim / 2, 2])
  const [cos, sin] = tf.unstack(table, 2) as [Tensor2D, Tensor2D]
  const [first, second] = tf.split(x, 2, 2) as [Tensor3D, Tensor3D]
  const rotated = [
    tf.sub(tf.mul(first, cos), tf.mul(second, sin)),
    tf.add(tf.mul(second, cos), tf.mul(first, sin)),
  ] as Tensor3D[]
  return tf.concat(rotated, 2)
}
