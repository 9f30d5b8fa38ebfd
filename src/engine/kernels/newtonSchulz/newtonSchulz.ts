import type { Tensor3D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { fusedBackend } from '../mode.ts'
import { checkTensor } from '../shapes.ts'
import { fusedNewtonSchulz } from './newtonSchulzKernel.ts'

export interface Polynomial {
  /** a, b, c of x ↦ a x + b x³ + c x⁵. */
  readonly coefficients: readonly [number, number, number]
  /** Smallest length that is divided by. */
  readonly leastNorm: number
}

/** Steepest at 0 (Jordan et al. 2024, https://kellerjordan.github.io/posts/muon/). */
export const usualPolynomial: Polynomial = { coefficients: [3.4445, -4.775, 2.0315], leastNorm: 1e-7 }

/**
 * Nearly the nearest orthogonal matrix to each: U Vᵀ for X = U S Vᵀ, with singular values between about 0.7 and 1.2 for
 * those of X that are not tiny beside its length. `steps` times X becomes a X + (b A + c A²) X with A = X Xᵀ, from X
 * divided by its length. No gradient.
 * @param stacks [count, M, N] each; M of at most N is the least work
 * @returns of the same shapes
 * @throws ShapeError
 */
export function newtonSchulz(
  stacks: readonly Tensor3D[],
  steps: number,
  polynomial = usualPolynomial,
): Tensor3D[] {
  for (const stack of stacks) checkTensor('newtonSchulz x', stack, [null, null, null])
  const backend = fusedBackend('newtonSchulz', ...stacks)
  if (backend === null) return stacks.map((stack) => newtonSchulzTwin(stack, steps, polynomial))
  return fusedNewtonSchulz(backend, stacks, { steps, ...polynomial })
}

function newtonSchulzTwin(x: Tensor3D, steps: number, { coefficients, leastNorm }: Polynomial): Tensor3D {
  const [a, b, c] = coefficients
  return tf.tidy(() => {
    const norms = tf.sqrt(tf.sum(tf.square(x), [1, 2], true))
    let y: Tensor3D = tf.div(x, tf.maximum(norms, leastNorm))
    for (let step = 0; step < steps; step++) {
      const gram = tf.matMul(y, y, false, true)
      const inner: Tensor3D = tf.add(tf.mul(gram, b), tf.mul(tf.matMul(gram, gram), c))
      y = tf.add(tf.mul(y, a), tf.matMul(inner, y))
    }
    return y
  })
}
