import type { Tensor } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { fusedBackend } from '../mode.ts'
import { checkSameShape } from '../shapes.ts'
import { fusedActivation, fusedSwiglu } from './activationKernel.ts'

/** x · Φ(x) (Hendrycks and Gimpel 2016); `tanh` is their approximation, GPT-2's. */
export function gelu<T extends Tensor>(x: T, kind: 'exact' | 'tanh'): T {
  const backend = fusedBackend(x)
  return backend === null ? geluTwin(x, kind) : fusedActivation(backend, x, `gelu_${kind}`)
}

/** x · sigmoid(x). */
export function silu<T extends Tensor>(x: T): T {
  const backend = fusedBackend(x)
  return backend === null ? siluTwin(x) : fusedActivation(backend, x, 'silu')
}

/** silu(gate) · up (Shazeer 2020). @throws ShapeError */
export function swiglu<T extends Tensor>(gate: T, up: T): T {
  checkSameShape('swiglu up', gate, up)
  const backend = fusedBackend(gate)
  return backend === null ? swigluTwin(gate, up) : fusedSwiglu(backend, gate, up)
}

export function geluTwin<T extends Tensor>(x: T, kind: 'exact' | 'tanh'): T {
  return tf.tidy(() => {
    // Φ is 0 or 1 in float32 before 10; without the clip x³ overflows and the gradient is 0 · ∞.
    const clipped = tf.clipByValue(x, -10, 10)
    const inner =
      kind === 'exact'
        ? tf.erf(tf.mul(clipped, Math.SQRT1_2))
        : tf.tanh(
            tf.mul(
              tf.add(clipped, tf.mul(tf.mul(clipped, tf.square(clipped)), 0.044715)),
              Math.sqrt(2 / Math.PI),
            ),
          )
    return tf.mul(tf.mul(x, 0.5), tf.add(inner, 1)) as T
  })
}

export function siluTwin<T extends Tensor>(x: T): T {
  return tf.tidy(() => tf.mul(x, tf.sigmoid(x)) as T)
}

export function swigluTwin<T extends Tensor>(gate: T, up: T): T {
  return tf.tidy(() => tf.mul(siluTwin(gate), up) as T)
}
