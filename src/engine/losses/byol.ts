import { addN, mean, mul, sub, type Scalar } from '../backend/tfjs.ts'
import { l2Normalize } from '../kernels/l2Normalize/l2Normalize.ts'
import { defineLoss } from './defineLoss.ts'
import { rowProducts } from './parts/featureStatistics.ts'
import { viewPairs } from './parts/viewPairs.ts'

/**
 * BYOL (Grill et al. 2020, eq. 2), symmetrised: mean of |p̂ - ẑ|² = 2 - 2·cos(p, z) of a predictor's view p with the target
 * network's other view z, summed over both ways; for more than two views the mean over ways, twice. Views [B, D].
 */
export default defineLoss({
  id: 'byol',
  title: 'BYOL',
  summary: 'Predicts from one view what a slowly moving copy makes of another.',
  formula: 'Σ over both ways of mean 2 − 2·cos(p, z)',
  use: 'Self-supervised learning without negatives, with a momentum teacher.',
  link: 'https://arxiv.org/abs/2006.07733',
  accepts: 'views',
  fields: {},
  compute(_params, views) {
    const pairs = viewPairs('byol', views)
    const terms = pairs.map(({ student, teacher }) =>
      mean(sub(2, mul(rowProducts(l2Normalize(student), l2Normalize(teacher)), 2))),
    )
    return { loss: mul(addN(terms), 2 / terms.length) as Scalar, parts: {} }
  },
})
