import {
  abs,
  div,
  matMul,
  maximum,
  mean,
  mul,
  sqrt,
  square,
  sub,
  sum,
  type Scalar,
  type Tensor2D,
} from '../../backend/tfjs.ts'
import { customGradients } from '../../backend/customGradients.ts'
import { offTape } from '../../backend/offTape.ts'
import { pairSimilarity } from '../../kernels/pairSimilarity/pairSimilarity.ts'
import { rowProducts } from './featureStatistics.ts'

/** Mean of all products of rows of a with rows of b, [N, D] and [M, D], without making them. */
export function meanProduct(a: Tensor2D, b: Tensor2D): Scalar {
  return sum(mul(mean(a, 0), mean(b, 0)))
}

/**
 * How far row i of a is nearer to row i of b than rows are on average, of unit rows [B, D]: `gap`, the mean cosine of partners
 * less that of all; `signal`, its size over the standard deviation of all. Without a gradient and without a matrix [B, B].
 */
export function alignmentOf(a: Tensor2D, b: Tensor2D): { gap: Scalar; signal: Scalar } {
  const gap: Scalar = offTape(() => sub(mean(rowProducts(a, b)), meanProduct(a, b)))
  const signal: Scalar = offTape(() => {
    const count = a.shape[0]
    // Σ_ij (a_i · b_j)² = Σ of aᵀa ∘ bᵀb
    const squares = div(sum(mul(matMul(a, a, true), matMul(b, b, true))), count * count)
    const variance = maximum(sub(squares, square(meanProduct(a, b))), 1e-12)
    return div(abs(gap), sqrt(variance))
  })
  return { gap, signal }
}

/**
 * How alike partners are, and other rows: the parts of contrastive losses that charts show. Without a gradient and without
 * a matrix [B, B], for which others are all but the partner: with ids also those of the same item. 0 for others of one row.
 * @param a [B, D], as it is compared
 */
export function similarityParts(
  a: Tensor2D,
  b: Tensor2D,
): Record<'positiveSimilarity' | 'negativeSimilarity', Scalar> {
  const [positiveSimilarity, negativeSimilarity] = customGradients([], () => {
    const { positive, negative } = pairSimilarity(a, b)
    return { values: [positive, negative], gradFunc: () => [] }
  }) as [Scalar, Scalar]
  return { positiveSimilarity, negativeSimilarity }
}
