import { offTape } from '../backend/offTape.ts'
import { add, matMul, mean, mul, sub, type Scalar, type Tensor2D } from '../backend/tfjs.ts'
import { l2Normalize } from '../kernels/l2Normalize/l2Normalize.ts'
import { defineLoss } from './defineLoss.ts'
import { crossProducts, rowProducts } from './parts/featureStatistics.ts'

/**
 * TiCo (Zhu et al. 2022): with z of length 1, 1 - mean of z_a·z_b + rho·mean of z_aᵀ C z_a, where C = beta·C + (1 - beta)·z_aᵀz_a/B
 * is a running covariance without a gradient, this batch included. a, b [B, D].
 */
export default defineLoss({
  id: 'tico',
  title: 'TiCo',
  summary: 'Brings two views together and away from the directions that most rows of late had.',
  formula: '1 − mean a·b + ρ·mean aᵀCa, C the running covariance',
  use: 'Self-supervised learning without negatives, with small batches.',
  link: 'https://arxiv.org/abs/2206.10698',
  accepts: 'pairs',
  fields: {
    beta: {
      type: 'number',
      label: 'Beta',
      help: 'How much of the covariance stays at a step.',
      default: 0.9,
      min: 0,
      max: 0.9999,
      step: 0.01,
    },
    rho: {
      type: 'number',
      label: 'Rho',
      help: 'How strongly common directions are avoided.',
      default: 20,
      min: 0,
      max: 1000,
    },
  },
  state: (_params, { width }) => ({
    covariance: { shape: [width, width], dtype: 'float32', init: 'zeros' },
  }),
  compute({ beta, rho }, pairs, { state }) {
    const [a, b] = [l2Normalize(pairs.a), l2Normalize(pairs.b)]
    const covariance: Tensor2D = offTape(() =>
      add(mul(state['covariance']!, beta), mul(crossProducts(a, a, a.shape[0]), 1 - beta)),
    )
    const alignment: Scalar = sub(1, mean(rowProducts(a, b)))
    const crowding: Scalar = mean(rowProducts(matMul(a, covariance), a))
    const loss: Scalar = add(alignment, mul(crowding, rho))
    return { loss, parts: { alignment, crowding }, state: { covariance } }
  },
})
