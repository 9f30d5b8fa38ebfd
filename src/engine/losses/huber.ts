import { div, mean, sub, type Scalar } from '../backend/tfjs.ts'
import { defineLoss } from './defineLoss.ts'
import { huberTerms } from './parts/huberTerms.ts'

/**
 * Huber (1964): ½e² where |e| <= delta, delta·(|e| - ½delta) beyond; with `isScaled` divided by delta, which is smooth L1
 * (Girshick 2015). Mean over all elements. prediction, target [N, C].
 */
export default defineLoss({
  id: 'huber',
  title: 'Huber',
  summary: 'Squares small errors and takes large ones as they are.',
  formula: 'mean of m·(|e| − ½m), m = min(|e|, δ), e = p − t',
  use: 'Regression with some outliers.',
  link: 'https://doi.org/10.1214/aoms/1177703732',
  accepts: 'values',
  fields: {
    delta: {
      type: 'number',
      label: 'Delta',
      help: 'Errors beyond it count as they are.',
      default: 1,
      min: 1e-6,
      max: 1e6,
      scale: 'log',
    },
    isScaled: {
      type: 'bool',
      label: 'Smooth L1',
      help: 'Divided by delta, so that large errors have a slope of 1.',
      default: false,
    },
  },
  compute({ delta, isScaled }, { prediction, target }) {
    const huber = mean(huberTerms(sub(prediction, target), delta)) as Scalar
    return { loss: isScaled ? (div(huber, delta) as Scalar) : huber, parts: {} }
  },
})
