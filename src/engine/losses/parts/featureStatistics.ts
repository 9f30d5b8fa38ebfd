import {
  add,
  div,
  matMul,
  mean,
  mul,
  sqrt,
  square,
  sub,
  sum,
  where,
  zerosLike,
  type Scalar,
  type Tensor2D,
} from '../../backend/tfjs.ts'
import { l2Normalize } from '../../kernels/l2Normalize/l2Normalize.ts'
import { diagonal } from './labelPairs.ts'

/** Features with the mean over the batch taken off: [N, D]. */
export function centred(z: Tensor2D): Tensor2D {
  return sub(z, mean(z, 0, true))
}

/** The same with variance 1, by N: features that vary by less than the root of `epsilon` are smaller. */
export function standardised(z: Tensor2D, epsilon: number): Tensor2D {
  const calm = centred(z)
  return div(calm, sqrt(add(mean(square(calm), 0, true), epsilon)))
}

/** aᵀ · b / divisor: [D, D] of a, b [N, D]. */
export function crossProducts(a: Tensor2D, b: Tensor2D, divisor: number): Tensor2D {
  return div(matMul(a, b, true), divisor)
}

/** Covariance of features, by N - 1: [D, D] of z [N, D]. */
export function covariance(z: Tensor2D): Tensor2D {
  const calm = centred(z)
  return crossProducts(calm, calm, z.shape[0] - 1)
}

/** Σ_{i≠j} of the squares of a square matrix. */
export function offDiagonalSquares(matrix: Tensor2D): Scalar {
  return sum(square(where(diagonal(matrix.shape[0]), zerosLike(matrix), matrix)))
}

/** Σ_i (1 - c_ii)². */
export function diagonalFromOne(matrix: Tensor2D): Scalar {
  const isDiagonal = diagonal(matrix.shape[0])
  return sum(square(where(isDiagonal, sub(1, matrix), zerosLike(matrix))))
}

/** Sum of products, row by row: [N] of a, b [N, D]. */
export function rowProducts(a: Tensor2D, b: Tensor2D) {
  return sum(mul(a, b), 1)
}

/** Mean over rows of the cosines of a, b [N, D], whose lengths count as `leastLength` at least. */
export function meanCosine(a: Tensor2D, b: Tensor2D, leastLength?: number): Scalar {
  return mean(rowProducts(l2Normalize(a, leastLength), l2Normalize(b, leastLength)))
}
