import {
  add,
  addN,
  div,
  mean,
  mul,
  relu,
  sqrt,
  square,
  sub,
  sum,
  type Scalar,
  type Tensor2D,
} from '../backend/tfjs.ts'
import { defineLoss } from './defineLoss.ts'
import { centred, covariance, offDiagonalSquares } from './parts/featureStatistics.ts'
import { needsRows } from './parts/needsRows.ts'

/**
 * VICReg (Bardes et al. 2022): lambda·invariance + mu·variance + nu·covariance. v(z) is the mean over features of
 * relu(1 - sqrt(var + epsilon)), c(z) the sum of the squared covariances of different features, divided by D; both by B - 1.
 * The authors' code, and lightly, take the mean over all numbers of (a - b)² and ½(v(a) + v(b)); the paper's equations the
 * mean over rows of |a - b|² and v(a) + v(b). a, b [B, D], B at least 2.
 */
export default defineLoss({
  id: 'vicreg',
  title: 'VICReg',
  summary: 'Brings two views together, keeps every feature in use and makes features differ.',
  formula: 'λ·|a − b|² + μ·Σ max(0, 1 − σ_d) + ν·Σ_{i≠j} C_ij² / D',
  use: 'Self-supervised learning without negatives, also of two modalities.',
  link: 'https://arxiv.org/abs/2105.04906',
  accepts: 'pairs',
  fields: {
    invarianceWeight: {
      type: 'number',
      label: 'Invariance',
      help: 'How much the distance of the two views counts.',
      default: 25,
      min: 0,
      max: 1000,
    },
    varianceWeight: {
      type: 'number',
      label: 'Variance',
      help: 'How much features count that hardly vary within a batch.',
      default: 25,
      min: 0,
      max: 1000,
    },
    covarianceWeight: {
      type: 'number',
      label: 'Covariance',
      help: 'How much features count that vary together.',
      default: 1,
      min: 0,
      max: 1000,
    },
    epsilon: {
      type: 'number',
      label: 'Epsilon',
      help: 'Added to variances before the root.',
      default: 1e-4,
      min: 1e-12,
      max: 1,
      scale: 'log',
      isAdvanced: true,
    },
    scaling: {
      type: 'choice',
      label: 'Scaling',
      help: 'What the terms are divided by.',
      default: 'code',
      isAdvanced: true,
      options: [
        {
          value: 'code',
          label: 'The authors’ code',
          help: 'Means over all numbers; the weights 25, 25, 1 belong to it.',
        },
        {
          value: 'paper',
          label: 'The paper’s equations',
          help: 'Sums over features and over the two views.',
        },
      ],
    },
  },
  compute(params, { a, b }) {
    needsRows('vicreg', a.shape[0], 2)
    const isCode = params.scaling === 'code'
    const apart = square(sub(a, b))
    const invariance: Scalar = isCode ? mean(apart) : div(sum(apart), a.shape[0])
    const unused: Scalar = add(hinge(a, params.epsilon), hinge(b, params.epsilon))
    const variance: Scalar = isCode ? mul(unused, 0.5) : unused
    const together: Scalar = add(redundancy(a), redundancy(b))
    const loss = addN([
      mul(invariance, params.invarianceWeight),
      mul(variance, params.varianceWeight),
      mul(together, params.covarianceWeight),
    ]) as Scalar
    return { loss, parts: { invariance, variance, covariance: together } }
  },
})

/** Mean over features of what their deviation lacks to 1. */
function hinge(z: Tensor2D, epsilon: number): Scalar {
  const variances = div(sum(square(centred(z)), 0), z.shape[0] - 1)
  return mean(relu(sub(1, sqrt(add(variances, epsilon)))))
}

function redundancy(z: Tensor2D): Scalar {
  return div(offDiagonalSquares(covariance(z)), z.shape[1])
}
