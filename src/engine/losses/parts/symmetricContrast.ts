import type { Fields, InferFields } from '../../../core/schema.ts'
import type { Scalar, Tensor2D } from '../../backend/tfjs.ts'
import { l2Normalize } from '../../kernels/l2Normalize/l2Normalize.ts'
import { oneToOne, similarityContrast } from '../../kernels/similarity/similarityLoss.ts'
import type { LossMemory, LossResult } from '../defineLoss.ts'
import type { Pairs } from '../lossInputs.ts'
import { similarityParts } from './alignment.ts'
import { pairIds } from './pairIds.ts'
import { defaultLargestScale, scaleOf, temperaturePart, type Temperature } from './temperature.ts'

export const directionFields = {
  isNormalized: {
    type: 'bool',
    label: 'Normalise',
    help: 'Compares directions only: rows are divided by their length first.',
    default: true,
    isAdvanced: true,
  },
} as const satisfies Fields

export const contrastFields = {
  ...directionFields,
  largestScale: {
    type: 'number',
    label: 'Largest scale',
    help: 'What similarities are multiplied by at most, where the temperature is learned: sharper ones make training unstable.',
    default: defaultLargestScale,
    min: 1,
    max: 1e6,
    scale: 'log',
    isAdvanced: true,
  },
} as const satisfies Fields

export type ContrastSetting = Temperature & InferFields<typeof contrastFields>

/** Rows of length 1, or as they are. */
export function direction(x: Tensor2D, { isNormalized }: { readonly isNormalized: boolean }): Tensor2D {
  return isNormalized ? l2Normalize(x) : x
}

/** CLIP's loss, and what charts show of it: how often the nearest is a partner, how alike they are, the learned temperature. */
export interface SymmetricContrast {
  readonly loss: Scalar
  readonly parts: LossResult['parts']
}

/** Mean of InfoNCE of a over b and of b over a, positives by id: CLIP's loss (Radford et al. 2021). */
export function symmetricContrast(
  params: ContrastSetting,
  pairs: Pairs,
  memory: LossMemory,
): SymmetricContrast {
  const [a, b] = [direction(pairs.a, params), direction(pairs.b, params)]
  const scale = scaleOf(params, memory, params.largestScale)
  const options = { ...oneToOne, ids: pairIds(pairs), scale, directions: 'both' } as const
  const { loss, accuracy } = similarityContrast(a, b, options)
  return { loss, parts: { accuracy, ...similarityParts(a, b), ...temperaturePart(scale) } }
}
