import type { Tensor } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { fusedBackend } from '../mode.ts'
import { checkSameShape } from '../shapes.ts'
import { fusedActivation, fusedSwiglu } from './activationKernel.ts'

/** x · Φ(x) (Hendrycks and Gimpel 2016); `tanh` is their approximation, GPT-2's. */
export function gelu<T extends Tensor>(x: T, kind: 'exact' | 'tanh'): T {
  const backend = fusedBackend('activations', x)
  return backend === null ? geluTwin(x, kind) : fusedActivation(backend, x, `gelu_${kind}`)
}

/** x · sigmoid(x). */
export function silu<T extends Tensor>(x: T): T {
  const backend = fusedBackend('activations', x)
  return backend === null ? siluTwin(x) : fusedActivation(backend, x, 'silu')
}

/** x · sigmoid(1.702 x), as CLIP. */
export function quickGelu<T extends Tensor>(x: T): T {
  const backend = fusedBackend('activations', x)
  return backend === null ? quickGeluTwin(x) : fusedActivation(backend, x, 'quick_gelu')
}

/** max(x, 0), with slope 0 at 0. */
export function relu<T extends Tensor>(x: T): T {
  const backend = fusedBackend('activations', x)
  return backend === null ? tf.relu(x) : fusedActivation(backend, x, 'relu')
}

/** max(x, 0)² (So et al. 2021). */
export function reluSquared<T extends Tensor>(x: T): T {
  const backend = fusedBackend('activations', x)
  return backend === null ? tf.tidy(() => tf.square(tf.relu(x))) : fusedActivation(backend, x, 'relu_squared')
}

/** silu(gate) · up (Shazeer 2020). @throws ShapeError */
export function swiglu<T extends Tensor>(gate: T, up: T): T {
  checkSameShape('swiglu up', gate, up)
  const backend = fusedBackend('activations', gate)
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

export function quickGeluTwin<T extends Tensor>(x: T): T {
  return tf.tidy(() => tf.mul(x, tf.sigmoid(tf.mul(x, 1.702))) as T)
}

export function swigluTwin<T extends Tensor>(gate: T, up: T): T {
  return tf.tidy(() => tf.mul(siluTwin(gate), up) as T)
}
