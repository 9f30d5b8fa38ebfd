import { ShapeError } from '../../../core/errors.ts'
import type { Tensor, Tensor2D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { fusedBackend } from '../mode.ts'
import { checkTensor } from '../shapes.ts'
import { fusedTokenSequence } from './tokenSequenceKernel.ts'

export interface TokenSequence {
  /** [B * N, D] */
  readonly x: Tensor2D
  readonly batchSize: number
  /** [P, D]: tokens that stand before those of every sample, such as a class token and registers; null for none. */
  readonly prefix: Tensor2D | null
  /**
   * [F + N, D]: added to the first F tokens of the prefix and to those of x. F from 0 (positions of x only) to P (of
   * all); null for none.
   */
  readonly positions: Tensor2D | null
}

/**
 * The tokens of each sample behind those of the prefix, plus positions. The gradients of prefix and positions are sums
 * over the samples in ascending order.
 * @returns [B * (P + N), D]
 * @throws ShapeError
 */
export function tokenSequence(sequence: TokenSequence): Tensor2D {
  const { x, batchSize, prefix, positions } = sequence
  checkTensor('tokenSequence x', x, [null, null])
  const [rows, width] = x.shape
  if (!Number.isInteger(batchSize) || batchSize < 1 || rows % batchSize !== 0) {
    throw new ShapeError(`tokenSequence: batchSize must divide the ${rows} rows of x, got ${batchSize}`, {
      code: 'batch-size',
    })
  }
  if (prefix) checkTensor('tokenSequence prefix', prefix, [null, width])
  if (positions) checkPositions(sequence, positions)
  if (!prefix && !positions) return tf.clone(x)
  const backend = fusedBackend('tokenSequence', x, prefix, positions)
  return backend === null ? tokenSequenceTwin(sequence) : fusedTokenSequence(backend, sequence)
}

function checkPositions({ x, batchSize, prefix }: TokenSequence, positions: Tensor2D): void {
  checkTensor('tokenSequence positions', positions, [null, x.shape[1]])
  const least = x.shape[0] / batchSize
  const most = least + (prefix?.shape[0] ?? 0)
  if (positions.shape[0] >= least && positions.shape[0] <= most) return
  throw new ShapeError(
    `tokenSequence: positions must have ${least} to ${most} rows, got ${positions.shape[0]}`,
    { code: 'positions', remedy: 'Interpolate learned positions to the size of the images.' },
  )
}

function tokenSequenceTwin({ x, batchSize, prefix, positions }: TokenSequence): Tensor2D {
  return tf.tidy(() => {
    const [rows, width] = x.shape
    const tokens: Tensor = tf.reshape(x, [batchSize, rows / batchSize, width])
    const count = prefix?.shape[0] ?? 0
    const zeros = tf.zeros([batchSize, count, width])
    const whole = prefix ? tf.concat([tf.add(zeros, prefix), tokens], 1) : tokens
    if (!positions) return tf.reshape(whole, [-1, width])
    const first = positions.shape[0] - rows / batchSize
    const parts = [
      tf.slice(positions, [0, 0], [first, width]),
      tf.zeros([count - first, width]),
      tf.slice(positions, [first, 0], [rows / batchSize, width]),
    ].filter(({ size }) => size > 0)
    return tf.reshape(tf.add(whole, tf.concat(parts, 0)), [-1, width])
  })
}
