import type { Scalar, Tensor, Variable } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { fusedBackend } from '../mode.ts'
import { checkSameShape } from '../shapes.ts'
import { fusedAdamW } from './adamWKernel.ts'

export interface AdamWEntry {
  parameter: Variable
  gradient: Tensor
  /** Running means of the gradient and of its square. */
  m: Variable
  v: Variable
}

export interface AdamWHyper {
  learningRate: number
  beta1: number
  beta2: number
  epsilon: number
  weightDecay: number
  /** 1-based: the first update is step 1. */
  step: number
}

/**
 * One AdamW update (Loshchilov and Hutter 2019, as in torch.optim.AdamW) of one tensor with its gradient times
 * `clipFactor`. On the GPU it is one dispatch that writes parameter, m and v in place.
 * @throws ShapeError
 */
export function adamWUpdate(entry: AdamWEntry, hyper: AdamWHyper, clipFactor: Scalar): void {
  for (const name of ['gradient', 'm', 'v'] as const)
    checkSameShape(`adamWUpdate ${name}`, entry.parameter, entry[name])
  const backend = fusedBackend(entry.parameter)
  if (backend === null) adamWTwin(entry, hyper, clipFactor)
  else fusedAdamW(backend, entry, hyper, clipFactor)
}

export function adamWTwin(
  { parameter, gradient, m, v }: AdamWEntry,
  hyper: AdamWHyper,
  clipFactor: Scalar,
): void {
  const { learningRate, beta1, beta2, epsilon, weightDecay, step } = hyper
  tf.tidy(() => {
    const clipped = tf.mul(gradient, clipFactor)
    m.assign(tf.add(tf.mul(m, beta1), tf.mul(clipped, 1 - beta1)))
    v.assign(tf.add(tf.mul(v, beta2), tf.mul(tf.square(clipped), 1 - beta2)))
    const root = tf.sqrt(tf.mul(v, 1 / (1 - beta2 ** step)))
    const direction = tf.div(tf.mul(m, 1 / (1 - beta1 ** step)), tf.add(root, epsilon))
    const decayed = tf.mul(parameter, 1 - learningRate * weightDecay)
    parameter.assign(tf.sub(decayed, tf.mul(direction, learningRate)))
  })
}
