import type { Tensor, Tensor4D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import type { Windows } from './windows.ts'

/** The numbers of all windows at each of their places in turn, [B, outHeight, outWidth, C] each. */
export function tapsTwin(x: Tensor4D, { unfolding, after }: Windows): Tensor4D[] {
  const { outHeight, outWidth, kernel, stride, dilation, before } = unfolding
  const [batchSize, , , channels] = x.shape
  // Slices are as long as whole strides, which may reach past the last window.
  const spare = [0, 1].map((axis) => stride[axis]! - 1)
  const padded = tf.pad(x, [
    [0, 0],
    [before[0], after[0] + spare[0]!],
    [before[1], after[1] + spare[1]!],
    [0, 0],
  ])
  const taps: Tensor4D[] = []
  for (let i = 0; i < kernel[0]; i++) {
    for (let j = 0; j < kernel[1]; j++) {
      const from = [0, i * dilation[0], j * dilation[1], 0]
      const size = [batchSize, outHeight * stride[0], outWidth * stride[1], channels]
      taps.push(everyNth(tf.slice(padded, from, size), stride))
    }
  }
  return taps
}

/** Every stride-th row and column: tfjs's strided slice has no gradient. */
function everyNth(x: Tensor, [down, across]: readonly [number, number]): Tensor4D {
  const [batchSize, height, width, channels] = x.shape as [number, number, number, number]
  const [rows, columns] = [height / down, width / across]
  const byRow = tf.reshape(x, [batchSize * rows, down, width * channels])
  const firstRows = tf.slice(byRow, [0, 0, 0], [batchSize * rows, 1, width * channels])
  const byColumn = tf.reshape(firstRows, [batchSize * rows * columns, across, channels])
  const first = tf.slice(byColumn, [0, 0, 0], [batchSize * rows * columns, 1, channels])
  return tf.reshape(first, [batchSize, rows, columns, channels])
}
