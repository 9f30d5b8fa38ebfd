import { mean, mul, sign, sub, type Scalar } from '../backend/tfjs.ts'
import { defineLoss } from './defineLoss.ts'

/** Mean over all elements of |prediction - target|. prediction, target [N, C]. */
export default defineLoss({
  id: 'mean-absolute-error',
  title: 'Mean absolute error',
  summary: 'How far predictions are off: outliers count no more than others.',
  formula: 'mean of |p − t|',
  use: 'Regression with outliers.',
  accepts: 'values',
  fields: {},
  compute(_params, { prediction, target }) {
    const error = sub(prediction, target)
    // tfjs's abs has the slope -1 at 0, where it should have none.
    return { loss: mean(mul(error, sign(error))) as Scalar, parts: {} }
  },
})
