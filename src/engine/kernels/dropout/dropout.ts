import { ConfigError } from '../../../core/errors.ts'
import type { Tensor, Tensor1D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { fusedBackend } from '../mode.ts'
import { fusedDropout } from './dropoutKernel.ts'
import { dropoutMask } from './dropoutMask.ts'

export interface DropoutOptions {
  /** Probability of a zero, in [0, 1). */
  rate: number
  /** A Generator's key: the mask is that generator's uniforms of `step`, by position. */
  key: readonly [number, number]
  step: number
  /**
   * The step on the device, int32 [2] (low word, high word), which kernels read: so that a recorded step draws anew
   * each time. null where nothing is recorded; then kernels get `step`.
   */
  counter: Tensor1D | null
}

/**
 * Inverted dropout (Srivastava et al. 2014): an element stays, times 1 / (1 - rate), where its uniform is at least
 * `rate`. The mask is a function of key, step and position alone, so that it is the same on every backend, and the
 * backward pass makes it again instead of keeping it.
 * @throws ConfigError when the rate is not in [0, 1)
 */
export function dropout<T extends Tensor>(x: T, options: DropoutOptions): T {
  checkRate(options.rate)
  if (options.rate === 0) return tf.clone(x)
  const backend = fusedBackend('dropout', x)
  return backend === null ? dropoutTwin(x, options) : fusedDropout(backend, x, options)
}

export function dropoutTwin<T extends Tensor>(x: T, options: DropoutOptions): T {
  return tf.tidy(() => tf.mul(x, tf.tensor(dropoutMask(x.size, options), x.shape)))
}

export function checkRate(rate: number): void {
  if (rate >= 0 && rate < 1) return
  throw new ConfigError(`dropout: rate must be at least 0 and less than 1, got ${rate}`, {
    code: 'dropout-rate',
    remedy: 'Choose a dropoutRate below 1.',
  })
}
