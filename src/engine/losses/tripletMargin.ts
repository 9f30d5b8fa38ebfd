import { add, mean, minimum, relu, square, sub, sum, type Scalar, type Tensor2D } from '../backend/tfjs.ts'
import { l2Normalize } from '../kernels/l2Normalize/l2Normalize.ts'
import { defineLoss } from './defineLoss.ts'
import { lengths } from './parts/lengths.ts'

/**
 * Triplet loss (Schroff et al. 2015, FaceNet: squared Euclidean distances of unit rows): an anchor is nearer to its positive
 * than to its negative, by a margin. With p-norms that are not squared as in Balntas et al. 2016, where `isSwapped` takes
 * the negative's distance from the positive if that is less. anchor, positive, negative [N, D].
 */
export default defineLoss({
  id: 'triplet-margin',
  title: 'Triplet margin',
  summary: 'Keeps each anchor nearer to its positive than to its negative, by a margin.',
  formula: 'mean of max(0, d(a, p) − d(a, n) + m), d = |a − p + ε|_p',
  use: 'Triplets that come with the data.',
  link: 'https://arxiv.org/abs/1503.03832',
  accepts: 'triplets',
  fields: {
    margin: {
      type: 'number',
      label: 'Margin',
      help: 'How much nearer the positive has to be.',
      default: 0.2,
      min: 0,
      max: 1000,
    },
    isNormalized: {
      type: 'bool',
      label: 'Normalise',
      help: 'Compares directions only: rows are divided by their length first.',
      default: true,
    },
    isSquared: {
      type: 'bool',
      label: 'Squared distances',
      help: 'As published; without, far triplets count for less.',
      default: true,
    },
    isSwapped: {
      type: 'bool',
      label: 'Swap',
      help: 'Counts a negative that is nearer to the positive than to the anchor from there.',
      default: false,
      isAdvanced: true,
    },
    p: {
      type: 'number',
      label: 'Norm',
      help: 'Of differences: 1 adds them up, 2 is Euclidean, higher ones look at the largest.',
      default: 2,
      min: 1,
      max: 1000,
      isAdvanced: true,
    },
    epsilon: {
      type: 'number',
      label: 'Epsilon',
      help: 'Added to every difference, so that equal rows have a slope.',
      default: 0,
      min: 0,
      max: 1,
      isAdvanced: true,
    },
    isSummed: {
      type: 'bool',
      label: 'Sum',
      help: 'Of all triplets, instead of their mean.',
      default: false,
      isAdvanced: true,
    },
  },
  compute(params, { anchor, positive, negative }) {
    const of = (x: Tensor2D): Tensor2D => (params.isNormalized ? l2Normalize(x) : x)
    const [a, p, n] = [of(anchor), of(positive), of(negative)]
    const apart = (x: Tensor2D, y: Tensor2D) => {
      const length = lengths(add(sub(x, y), params.epsilon), params.p)
      return params.isSquared ? square(length) : length
    }
    const away = params.isSwapped ? minimum(apart(a, n), apart(p, n)) : apart(a, n)
    const losses = relu(add(sub(apart(a, p), away), params.margin))
    return { loss: (params.isSummed ? sum(losses) : mean(losses)) as Scalar, parts: {} }
  },
})
