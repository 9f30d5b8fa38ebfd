import * as tf from '../../src/engine/backend/tfjs.ts'

/** Heads [B, H, T, headDim] as rows [B*T, sum of H * headDim], side by side. */
export function packedRows(parts: readonly tf.Tensor4D[]): tf.Tensor2D {
  const rows = parts.map((part) => {
    const [batch, heads, seqLen, headDim] = part.shape
    return tf.reshape(tf.transpose(part, [0, 2, 1, 3]), [batch * seqLen, heads * headDim]) as tf.Tensor2D
  })
  return tf.concat(rows, 1)
}

/** Rows [B*T, H * headDim] as heads of this shape. */
export function fromRows(
  rows: tf.Tensor2D,
  [batch, heads, seqLen, headDim]: [number, number, number, number],
): tf.Tensor4D {
  const split: tf.Tensor4D = tf.reshape(rows, [batch, seqLen, heads, headDim])
  return tf.transpose(split, [0, 2, 1, 3])
}
