import { mean, square, sub, type Scalar } from '../backend/tfjs.ts'
import { defineLoss } from './defineLoss.ts'

/** Mean over all elements of (prediction - target)². prediction, target [N, C]. */
export default defineLoss({
  id: 'mean-squared-error',
  title: 'Mean squared error',
  summary: 'How far predictions are off, squared: large errors count most.',
  formula: 'mean of (p − t)²',
  use: 'Regression with errors that are about normal.',
  accepts: 'values',
  fields: {},
  compute: (_params, { prediction, target }) => ({
    loss: mean(square(sub(prediction, target))) as Scalar,
    parts: {},
  }),
})
