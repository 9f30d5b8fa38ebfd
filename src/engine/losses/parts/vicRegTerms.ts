import type { Fields } from '../../../core/schema.ts'
import {
  add,
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
} from '../../backend/tfjs.ts'
import { centred, covariance, offDiagonalSquares } from './featureStatistics.ts'

export const vicRegFields = {
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
} as const satisfies Fields

export interface VicRegSettings {
  readonly invarianceWeight: number
  readonly varianceWeight: number
  readonly covarianceWeight: number
  readonly epsilon: number
  readonly scaling: 'code' | 'paper'
}

/** VICReg's three terms, unweighted, of a, b [B, D], B at least 2: see `vicReg.ts`. */
export function vicRegTerms(
  { epsilon, scaling }: VicRegSettings,
  { a, b }: { readonly a: Tensor2D; readonly b: Tensor2D },
): Record<'invariance' | 'variance' | 'covariance', Scalar> {
  const isCode = scaling === 'code'
  const apart = square(sub(a, b))
  const unused: Scalar = add(hinge(a, epsilon), hinge(b, epsilon))
  return {
    invariance: isCode ? mean(apart) : div(sum(apart), a.shape[0]),
    variance: isCode ? mul(unused, 0.5) : unused,
    covariance: add(redundancy(a), redundancy(b)),
  }
}

/** The terms by their weights. @param spreadShare factor on variance and covariance; null for 1 */
export function weighedVicReg(
  settings: VicRegSettings,
  terms: ReturnType<typeof vicRegTerms>,
  spreadShare: Scalar | null = null,
): Scalar {
  const spread: Scalar = add(
    mul(terms.variance, settings.varianceWeight),
    mul(terms.covariance, settings.covarianceWeight),
  )
  const invariance: Scalar = mul(terms.invariance, settings.invarianceWeight)
  return add(invariance, spreadShare === null ? spread : mul(spread, spreadShare))
}

/** Mean over features of what their deviation lacks to 1. */
function hinge(z: Tensor2D, epsilon: number): Scalar {
  const variances = div(sum(square(centred(z)), 0), z.shape[0] - 1)
  return mean(relu(sub(1, sqrt(add(variances, epsilon)))))
}

function redundancy(z: Tensor2D): Scalar {
  return div(offDiagonalSquares(covariance(z)), z.shape[1])
}
