import { add, addN, div, mul, type Scalar, type Tensor2D } from '../backend/tfjs.ts'
import { defineLoss } from './defineLoss.ts'
import {
  crossProducts,
  diagonalFromOne,
  offDiagonalSquares,
  standardised,
} from './parts/featureStatistics.ts'

/**
 * Barlow Twins (Zbontar et al. 2021): c = correlation over the batch of the features of a with those of b, each brought to
 * mean 0 and variance 1; Σ_i (1 - c_ii)² + lambda·Σ_{i≠j} c_ij². a, b [B, D]. Within the sides the mean of both is taken
 * of the same with a and a, b and b (an option of the MultiModal Insight Engine): what is left is that features disagree.
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
    correlates: {
      type: 'choice',
      label: 'Correlates',
      help: 'Whose features are held against whose.',
      default: 'sides',
      isAdvanced: true,
      options: [
        { value: 'sides', label: 'The sides', help: 'One with the other, as published.' },
        {
          value: 'within',
          label: 'Each side with itself',
          help: 'Nothing brings pairs together then: a regulariser beside another loss.',
        },
      ],
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
  compute({ redundancyWeight, epsilon, correlates }, pairs) {
    const [a, b] = [standardised(pairs.a, epsilon), standardised(pairs.b, epsilon)]
    const terms = correlates === 'within' ? [termsOf(a, a), termsOf(b, b)] : [termsOf(a, b)]
    const mean = (name: 'agreement' | 'redundancy'): Scalar =>
      div(addN(terms.map((term) => term[name])), terms.length)
    const [agreement, redundancy] = [mean('agreement'), mean('redundancy')]
    const loss: Scalar = add(agreement, mul(redundancy, redundancyWeight))
    return { loss, parts: { agreement, redundancy } }
  },
})

/** Of features that are standardised, [B, D]. */
function termsOf(a: Tensor2D, b: Tensor2D): Record<'agreement' | 'redundancy', Scalar> {
  const correlation = crossProducts(a, b, a.shape[0])
  return { agreement: diagonalFromOne(correlation), redundancy: offDiagonalSquares(correlation) }
}
