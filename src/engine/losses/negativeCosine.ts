import { neg, type Scalar } from '../backend/tfjs.ts'
import { defineLoss } from './defineLoss.ts'
import { meanCosine } from './parts/featureStatistics.ts'

/** Minus the mean cosine of the two sides; gradients to both (Chen & He 2021 stop one of them before). a, b [B, D]. */
export default defineLoss({
  id: 'negative-cosine',
  title: 'Negative cosine',
  summary: 'Turns the two sides of each pair in one direction, and pushes nothing apart.',
  formula: '−mean of cos(a_i, b_i)',
  use: 'Learning without negatives, where one side is held still.',
  link: 'https://arxiv.org/abs/2011.10566',
  accepts: 'pairs',
  canBeNegative: () => true,
  fields: {
    epsilon: {
      type: 'number',
      label: 'Epsilon',
      help: 'What the length of a row counts as at least, so that nothing is divided by zero.',
      default: 1e-8,
      min: 1e-12,
      max: 1,
      scale: 'log',
      isAdvanced: true,
    },
  },
  compute: ({ epsilon }, { a, b }) => ({
    loss: neg(meanCosine(a, b, epsilon)) as Scalar,
    parts: {},
  }),
})
