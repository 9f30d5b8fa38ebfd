import {
  add,
  addN,
  exp,
  matMul,
  mean,
  mul,
  square,
  sub,
  sum,
  type Scalar,
  type Tensor2D,
} from '../backend/tfjs.ts'
import { offTape } from '../backend/offTape.ts'
import { l2Normalize } from '../kernels/l2Normalize/l2Normalize.ts'
import { defineLoss } from './defineLoss.ts'
import { needsRows } from './parts/needsRows.ts'
import { contrastFields, symmetricContrast } from './parts/symmetricContrast.ts'
import { temperatureFields, temperatureScalars } from './parts/temperature.ts'

/**
 * CLIP's loss (Radford et al. 2021), and the mean square of the cosines of different rows of one side, added up over both
 * (from a demonstration of the MultiModal Insight Engine). The second counts the more the less rows are spread: its weight
 * is multiplied by 0.1 + 10·e^(−5(v_a + v_b)) without a gradient, v = 1 − |mean row|² of unit rows, which is 0 where all
 * point in one direction and 1 where they cancel out. a, b [B, D], B at least 2. Parts: both terms, and that factor.
 */
export default defineLoss({
  id: 'diverse-contrastive',
  title: 'Contrastive with diversity',
  summary: 'Pulls pairs together, and holds rows of one side apart the more they crowd.',
  formula: 'CLIP(a, b) + w·(0.1 + 10·e^{−5(v_a + v_b)})·Σ of both sides of mean_{i≠j} cos(x_i, x_j)²',
  use: 'Dual encoders that are about to collapse into one direction.',
  link: 'https://arxiv.org/abs/2103.00020',
  accepts: 'pairs',
  fields: {
    ...temperatureFields,
    ...contrastFields,
    diversityWeight: {
      type: 'number',
      label: 'Diversity',
      help: 'How much it counts that rows of one side are alike.',
      default: 1,
      min: 0,
      max: 1000,
      step: 0.1,
    },
  },
  scalars: temperatureScalars,
  compute(params, pairs, memory) {
    needsRows('diverse-contrastive', pairs.a.shape[0], 2)
    const { loss: contrastive, parts: alike } = symmetricContrast(params, pairs, memory)
    const sides = [l2Normalize(pairs.a), l2Normalize(pairs.b)]
    const diversity = addN(sides.map(alikeness)) as Scalar
    const factor = offTape(() => {
      const spread = addN(sides.map((z) => sub(1, sum(square(mean(z, 0))))))
      return add(mul(exp(mul(spread, -5)), 10), 0.1) as Scalar
    })
    const loss: Scalar = add(contrastive, mul(mul(diversity, factor), params.diversityWeight))
    return { loss, parts: { contrastive, diversity, factor, ...alike } }
  },
})

/** Mean over pairs of different rows of the squares of their products; of unit rows [B, D], by a matrix [D, D]. */
function alikeness(z: Tensor2D): Scalar {
  const count = z.shape[0]
  // Σ_ij (z_i · z_j)² = Σ of zᵀz ∘ zᵀz, of which a row with itself has |z_i|⁴.
  const own = sum(square(sum(square(z), 1)))
  return mul(sub(sum(square(matMul(z, z, true))), own), 1 / (count * (count - 1)))
}
