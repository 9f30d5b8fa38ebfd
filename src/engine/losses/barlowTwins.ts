import { add, mul, type Scalar } from '../backend/tfjs.ts'
import { defineLoss } from './defineLoss.ts'
import {
  crossProducts,
  diagonalFromOne,
  offDiagonalSquares,
  standardised,
} from './parts/featureStatistics.ts'

/**
 * Barlow Twins (Zbontar et al. 2021): c = correlation over the batch of the features of a with those of b, each brought to
 * mean 0 and variance 1; Σ_i (1 - c_ii)² + lambda·Σ_{i≠j} c_ij². a, b [B, D].
 */
export default defineLoss({
  id: 'barlow-twins',
  title: 'Barlow Twins',
  summary: 'Makes each feature agree over two views, and different features disagree.',
  formula: 'Σ_i (1 − C_ii)² + λ·Σ_{i≠j} C_ij², C the cross-correlation of features',
  use: 'Self-supervised learning without negatives.',
  link: 'https://arxiv.org/abs/2103.03230',
  accepts: 'pairs',
  fields: {
    redundancyWeight: {
      type: 'number',
      label: 'Redundancy',
      help: 'Lambda: how much correlations of different features count.',
      default: 0.005,
      min: 0,
      max: 10,
      step: 0.001,
    },
    epsilon: {
      type: 'number',
      label: 'Epsilon',
      help: 'Added to variances before the root, as in batch normalisation: features that do not vary become 0.',
      default: 1e-5,
      min: 1e-12,
      max: 1,
      scale: 'log',
      isAdvanced: true,
    },
  },
  compute({ redundancyWeight, epsilon }, { a, b }) {
    const correlation = crossProducts(standardised(a, epsilon), standardised(b, epsilon), a.shape[0])
    const [agreement, redundancy] = [diagonalFromOne(correlation), offDiagonalSquares(correlation)]
    const loss: Scalar = add(agreement, mul(redundancy, redundancyWeight))
    return { loss, parts: { agreement, redundancy } }
  },
})
