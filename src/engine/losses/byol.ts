import { addN, mul, sub, type Scalar } from '../backend/tfjs.ts'
import { defineLoss } from './defineLoss.ts'
import { cosinesOfWays } from './parts/viewPairs.ts'

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
    const cosines = cosinesOfWays('byol', views)
    return { loss: sub(4, mul(addN(cosines), 4 / cosines.length)) as Scalar, parts: {} }
  },
})
