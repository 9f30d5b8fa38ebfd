import { add, mean, mul, softplus, sub, type Scalar } from '../backend/tfjs.ts'
import { defineLoss } from './defineLoss.ts'

/**
 * Mean over all elements of log cosh e, e = prediction - target: e²/2 for small errors, |e| - log 2 for large ones. As
 * e + softplus(-2e) - log 2, which does not overflow. prediction, target [N, C].
 */
export default defineLoss({
  id: 'log-cosh',
  title: 'Log-cosh',
  summary: 'Squares small errors and takes large ones as they are, smoothly.',
  formula: 'mean of log cosh(p − t)',
  use: 'Regression with some outliers, where the slope must not jump.',
  link: 'https://arxiv.org/abs/2208.04564',
  accepts: 'values',
  fields: {},
  compute(_params, { prediction, target }) {
    const error = sub(prediction, target)
    const terms = sub(add(error, softplus(mul(error, -2))), Math.LN2)
    return { loss: mean(terms) as Scalar, parts: {} }
  },
})
