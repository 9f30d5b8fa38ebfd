import { addN, mul, type Scalar } from '../backend/tfjs.ts'
import { defineLoss } from './defineLoss.ts'
import { cosinesOfWays } from './parts/viewPairs.ts'

/**
 * SimSiam (Chen and He 2021): minus the mean cosine of a predictor's view p with the other view z, through which no gradient
 * goes; the mean over both ways. Views [B, D].
 */
export default defineLoss({
  id: 'simsiam',
  title: 'SimSiam',
  summary: 'Predicts from one view what the same network makes of another, held still.',
  formula: '−½·(mean cos(p₀, z₁) + mean cos(p₁, z₀))',
  use: 'Self-supervised learning without negatives and without a teacher.',
  link: 'https://arxiv.org/abs/2011.10566',
  accepts: 'views',
  fields: {},
  canBeNegative: () => true,
  compute(_params, views) {
    const cosines = cosinesOfWays('simsiam', views)
    return { loss: mul(addN(cosines), -1 / cosines.length) as Scalar, parts: {} }
  },
})
