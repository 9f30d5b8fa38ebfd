import * as tf from '../../src/engine/backend/tfjs.ts'
import { ignoredTarget } from '../../src/engine/losses/lossInputs.ts'

/** Labels of a file with the engine's mark in the place of its own for those that do not count. */
export function targetsFrom<T extends tf.Tensor>(labels: tf.Tensor, ignored: number): T {
  const isIgnored = tf.equal(labels, tf.scalar(ignored, 'int32'))
  return tf.where(isIgnored, tf.fill(labels.shape, ignoredTarget, 'int32'), labels) as T
}
