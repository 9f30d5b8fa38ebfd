import type { LabBackend } from '../../backend/labBackend.ts'
import type { Scalar, Tensor2D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { clipByGlobalNorm } from '../globalNorm/globalNorm.ts'
import type { EpiloguePart } from '../matmul/epilogue.ts'
import { matmul } from '../matmul/matmul.ts'
import { fusedBackend } from '../mode.ts'
import { checkTensor } from '../shapes.ts'

/** a, b, c of x ↦ a x + b x³ + c x⁵, steepest at 0 (Jordan et al. 2024, https://kellerjordan.github.io/posts/muon/). */
export const coefficients = [3.4445, -4.775, 2.0315] as const

/** Smallest length that is divided by. */
export const leastNorm = 1e-7

/**
 * Nearly the nearest orthogonal matrix: U Vᵀ for x = U S Vᵀ, with singular values between about 0.7 and 1.2 for those of
 * x that are not tiny beside its length. `steps` times X becomes a X + (b A + c A²) X with A = X Xᵀ, from x divided by
 * its length. No gradient.
 * @param x [M, N]
 * @returns [M, N]
 * @throws ShapeError
 */
export function newtonSchulz(x: Tensor2D, steps: number): Tensor2D {
  checkTensor('newtonSchulz x', x, [null, null])
  const backend = fusedBackend('newtonSchulz', x)
  return tf.tidy(() => {
    const norm: Scalar = tf.reshape(tf.slice(clipByGlobalNorm([x], 0), 1, 1), [])
    let y: Tensor2D = tf.div(x, tf.maximum(norm, leastNorm))
    for (let step = 0; step < steps; step++) {
      const next = backend === null ? stepTwin(y) : fusedStep(backend, y)
      y.dispose()
      y = next
    }
    return y
  })
}

/** The smaller of the two Gram matrices, so X is multiplied from its shorter side. */
function isTall({ shape: [rows, columns] }: Tensor2D): boolean {
  return rows > columns
}

/** Three dispatches: what is scaled and added follows its product. */
function fusedStep(backend: LabBackend, x: Tensor2D): Tensor2D {
  const [a, b, c] = coefficients
  const plus = (name: string, read: Tensor2D, ofProduct: number, ofRead: number): EpiloguePart => ({
    key: `newton-schulz ${name}`,
    reads: { read },
    code: `v = ${ofProduct} * v + ${ofRead} * read;`,
  })
  const tall = isTall(x)
  const gram = matmul(backend, { a: x, b: x, isATransposed: tall, isBTransposed: !tall })
  const inner = matmul(backend, { a: gram, b: gram, epilogue: { parts: [plus('square', gram, c, b)] } })
  const epilogue = { parts: [plus('step', x, 1, a)] }
  const next = tall
    ? matmul(backend, { a: x, b: inner, epilogue })
    : matmul(backend, { a: inner, b: x, epilogue })
  tf.dispose([gram, inner])
  return next
}

function stepTwin(x: Tensor2D): Tensor2D {
  const [a, b, c] = coefficients
  return tf.tidy(() => {
    const tall = isTall(x)
    const gram = tf.matMul(x, x, tall, !tall)
    const inner: Tensor2D = tf.add(tf.mul(gram, b), tf.mul(tf.matMul(gram, gram), c))
    return tf.add(tf.mul(x, a), tall ? tf.matMul(x, inner) : tf.matMul(inner, x))
  })
}
