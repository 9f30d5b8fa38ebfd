import type { Tensor2D, Tensor3D, Tensor4D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { dropoutTwin } from '../dropout/dropout.ts'
import { alibiSlopes } from './alibi.ts'
import type { AttentionInputs, AttentionOptions, AttentionSizes } from './attention.ts'
import { rotary as rotate } from './rotary.ts'

const unseen = -3e38

/** {@link attention} from tfjs operations. */
export function attentionTwin(
  inputs: AttentionInputs,
  options: AttentionOptions,
  sizes: AttentionSizes,
): Tensor2D {
  const { batchSize, numHeads, numKeyHeads, rotary, dropout } = options
  const { headDim, queries, keys } = sizes
  const scale = options.scale ?? 1 / Math.sqrt(headDim)
  return tf.tidy(() => {
    const turn = (x: Tensor3D): Tensor3D => (rotary ? rotate(x, rotary) : x)
    const [qRows, kRows, vRows] = partsOf(inputs, numHeads * headDim, numKeyHeads * headDim)
    const q = tf.mul(turn(headsOf(qRows, [batchSize, queries, numHeads, headDim])), scale)
    const shared = [kRows, vRows].map((rows, i) => {
      const x = headsOf(rows, [batchSize, keys, numKeyHeads, headDim])
      return repeated(i === 0 ? turn(x) : x, numHeads / numKeyHeads)
    })
    const products = tf.matMul(q, shared[0]!, false, true) // [B*H, Tq, Tk]
    let scores: Tensor4D = tf.reshape(products, [batchSize, numHeads, queries, keys])
    if (options.hasAlibi) scores = tf.sub(scores, distances(numHeads, sizes))
    const seen = seenBy(options, sizes) // 1 or 0
    const masked = tf.where(tf.cast(seen, 'bool'), scores, tf.fill(scores.shape, unseen))
    let weights: Tensor4D = tf.mul(tf.softmax(masked), seen)
    if (dropout) weights = dropoutTwin(weights, dropout)
    const mixed = tf.matMul(tf.reshape(weights, [-1, queries, keys]), shared[1]!)
    const split = tf.reshape(mixed, [batchSize, numHeads, queries, headDim])
    return tf.reshape(tf.transpose(split, [0, 2, 1, 3]), [batchSize * queries, numHeads * headDim])
  })
}

function partsOf(
  inputs: AttentionInputs,
  queryWidth: number,
  keyWidth: number,
): [Tensor2D, Tensor2D, Tensor2D] {
  const parts =
    'qkv' in inputs
      ? tf.split(inputs.qkv, [queryWidth, keyWidth, keyWidth], 1)
      : [inputs.q, ...tf.split(inputs.kv, 2, 1)]
  return parts as [Tensor2D, Tensor2D, Tensor2D]
}

/** [B * T, H * headDim] to [B * H, T, headDim]. */
function headsOf(
  rows: Tensor2D,
  [batch, seqLen, heads, headDim]: [number, number, number, number],
): Tensor3D {
  const split: Tensor4D = tf.reshape(rows, [batch, seqLen, heads, headDim])
  return tf.reshape(tf.transpose(split, [0, 2, 1, 3]), [batch * heads, seqLen, headDim])
}

/** Every head `times` times in a row. */
function repeated(x: Tensor3D, times: number): Tensor3D {
  if (times === 1) return x
  const [heads, seqLen, headDim] = x.shape
  const copies = tf.tile(tf.reshape(x, [heads, 1, seqLen, headDim]), [1, times, 1, 1])
  return tf.reshape(copies, [heads * times, seqLen, headDim])
}

/** slope · |i - j|: [1, H, Tq, Tk]. */
function distances(numHeads: number, { queries, keys }: AttentionSizes): Tensor4D {
  const values = new Float32Array(numHeads * queries * keys)
  alibiSlopes(numHeads).forEach((slope, head) => {
    for (let i = 0; i < queries; i++) {
      for (let j = 0; j < keys; j++) values[(head * queries + i) * keys + j] = slope * Math.abs(i - j)
    }
  })
  return tf.tensor4d(values, [1, numHeads, queries, keys])
}

/** 1 where a query sees a key: [B, H, Tq, Tk]. */
function seenBy(options: AttentionOptions, { queries, keys }: AttentionSizes): Tensor4D {
  const { batchSize, numHeads, isCausal, windowSize, keyMask } = options
  const values = new Float32Array(queries * keys)
  for (let i = 0; i < queries; i++) {
    for (let j = 0; j < keys; j++) {
      const isSeen = (!isCausal || j <= i) && (windowSize === null || Math.abs(i - j) < windowSize)
      values[i * keys + j] = isSeen ? 1 : 0
    }
  }
  const byPlace = tf.tensor4d(values, [1, 1, queries, keys])
  const all = tf.tile(byPlace, [batchSize, numHeads, 1, 1])
  if (keyMask === null) return all
  const isReal = tf.cast(tf.notEqual(keyMask, tf.zerosLike(keyMask)), 'float32')
  return tf.mul(all, tf.reshape(isReal, [batchSize, 1, 1, keys]))
}
