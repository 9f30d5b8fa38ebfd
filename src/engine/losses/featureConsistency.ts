import { offTape } from '../backend/offTape.ts'
import { add, clone, mean, mul, sub, sum, type Scalar, type Tensor2D } from '../backend/tfjs.ts'
import { l2Normalize } from '../kernels/l2Normalize/l2Normalize.ts'
import { defineLoss } from './defineLoss.ts'
import { rowProducts } from './parts/featureStatistics.ts'
import { huberTerms } from './parts/huberTerms.ts'
import { lengths } from './parts/lengths.ts'

type Distance = 'cosine' | 'l2' | 'l1' | 'smooth-l1'

/**
 * Mean distance of each side's rows to what a reference makes of the same items, which gets no gradient; the sides weighted.
 * Distances of rows: 1 - cos, |x - r|, Σ|x - r|, or the sum of smooth L1 with beta 1. All [B, D].
 */
export default defineLoss({
  id: 'feature-consistency',
  title: 'Feature consistency',
  summary: 'Holds embeddings to those of a reference, so that what was learned before stays.',
  formula: 'w_a·mean D(a, a′) + w_b·mean D(b, b′)',
  use: 'Fine-tuning without forgetting.',
  link: 'https://arxiv.org/abs/1606.09282',
  accepts: 'referencedPairs',
  fields: {
    distance: {
      type: 'choice',
      label: 'Distance',
      help: 'How far a row is from its reference.',
      default: 'cosine',
      options: [
        { value: 'cosine', label: 'Cosine', help: '1 − cos.' },
        { value: 'l2', label: 'L2' },
        { value: 'l1', label: 'L1' },
        { value: 'smooth-l1', label: 'Smooth L1' },
      ],
    },
    isNormalized: {
      type: 'bool',
      label: 'Normalise',
      help: 'Compares directions only: rows are divided by their length first.',
      default: true,
    },
    weightA: {
      type: 'number',
      label: 'First side',
      help: 'How much the first side counts.',
      default: 1,
      min: 0,
      max: 1000,
      step: 0.1,
    },
    weightB: {
      type: 'number',
      label: 'Second side',
      help: 'How much the second side counts.',
      default: 1,
      min: 0,
      max: 1000,
      step: 0.1,
    },
  },
  compute({ distance, isNormalized, weightA, weightB }, { a, b, referenceA, referenceB }) {
    const of = (x: Tensor2D, reference: Tensor2D): Scalar => {
      const direct = (z: Tensor2D) => (isNormalized || distance === 'cosine' ? l2Normalize(z) : z)
      return mean(
        distances(
          direct(x),
          offTape(() => clone(direct(reference))),
          distance,
        ),
      )
    }
    const [first, second] = [of(a, referenceA), of(b, referenceB)]
    const loss: Scalar = add(mul(first, weightA), mul(second, weightB))
    return { loss, parts: { first, second } }
  },
})

function distances(x: Tensor2D, reference: Tensor2D, distance: Distance) {
  if (distance === 'cosine') return sub(1, rowProducts(x, reference))
  const apart: Tensor2D = sub(x, reference)
  if (distance === 'smooth-l1') return sum(huberTerms(apart, 1), 1)
  return lengths(apart, distance === 'l1' ? 1 : 2)
}
