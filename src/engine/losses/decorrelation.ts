import { add, div, mul, type Scalar, type Tensor2D } from '../backend/tfjs.ts'
import { defineLoss } from './defineLoss.ts'
import { covariance, crossProducts, offDiagonalSquares, standardised } from './parts/featureStatistics.ts'
import { needsRows } from './parts/needsRows.ts'

/**
 * Mean of the squares of what different features of one side have in common, over both sides: Σ_{i≠j} M_ij² / (D·(D - 1)), M their
 * correlations, or their covariances by B - 1. a, b [B, D], B at least 2; 0 for a single feature.
 */
export default defineLoss({
  id: 'decorrelation',
  title: 'Decorrelation',
  summary: 'Makes the features of each side say different things.',
  formula: 'mean of both sides of Σ_{i≠j} M_ij² / (D·(D − 1))',
  use: 'A regulariser against embeddings that repeat themselves.',
  link: 'https://arxiv.org/abs/2105.04906',
  accepts: 'pairs',
  fields: {
    measure: {
      type: 'choice',
      label: 'Measure',
      help: 'What features have in common.',
      default: 'correlation',
      options: [
        { value: 'correlation', label: 'Correlation', help: 'Whatever their spread: between 0 and 1.' },
        {
          value: 'covariance',
          label: 'Covariance',
          help: 'Features of large spread count more, as in VICReg.',
        },
      ],
    },
    epsilon: {
      type: 'number',
      label: 'Epsilon',
      help: 'Added to variances before the root, for correlations.',
      default: 1e-5,
      min: 1e-12,
      max: 1,
      scale: 'log',
      isAdvanced: true,
    },
  },
  compute({ measure, epsilon }, { a, b }) {
    needsRows('decorrelation', a.shape[0], 2)
    const of = (z: Tensor2D): Scalar => common(z, measure === 'correlation' ? epsilon : null)
    return { loss: mul(add(of(a), of(b)), 0.5) as Scalar, parts: {} }
  },
})

/** @param epsilon of correlations; null for covariances */
function common(z: Tensor2D, epsilon: number | null): Scalar {
  const [count, width] = z.shape
  const correlation = (x: Tensor2D): Tensor2D => crossProducts(x, x, count)
  const matrix = epsilon === null ? covariance(z) : correlation(standardised(z, epsilon))
  return div(offDiagonalSquares(matrix), Math.max(1, width * (width - 1)))
}
