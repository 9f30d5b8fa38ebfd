import type { Fields } from '../../../core/schema.ts'
import { customGrad, minimum, type Scalar, type Tensor } from '../../backend/tfjs.ts'
import type { LossMemory } from '../defineLoss.ts'

/** Similarities are scaled by 100 at most, as in CLIP: sharper ones make training unstable. */
export const defaultLargestScale = 100

/** Settings of a temperature that is fixed or learned as the logarithm of its inverse. */
export const temperatureFields = {
  temperature: {
    type: 'number',
    label: 'Temperature',
    help: 'What similarities are divided by, or where learning it begins: low ones look at the hardest negatives only.',
    default: 0.07,
    min: 0.001,
    max: 100,
    scale: 'log',
  },
  isTemperatureLearned: {
    type: 'bool',
    label: 'Learn the temperature',
    help: 'As the logarithm of its inverse, of which the scale is 100 at most.',
    default: false,
  },
} as const satisfies Fields

export interface Temperature {
  readonly temperature: number
  readonly isTemperatureLearned: boolean
}

export function temperatureScalars({ temperature, isTemperatureLearned }: Temperature): {
  [name: string]: number
} {
  return isTemperatureLearned ? { logScale: -Math.log(temperature) } : {}
}

/** The scale as `similarityLoss` takes it: a number, or the logarithm of one, which gets a gradient. */
export function scaleOf(
  { temperature, isTemperatureLearned }: Temperature,
  { scalars }: LossMemory,
  largestScale = defaultLargestScale,
): number | Scalar {
  return isTemperatureLearned ? clamped(scalars['logScale']!, Math.log(largestScale)) : 1 / temperature
}

/** The gradient passes: a scale that has reached the limit must find back. */
function clamped(logScale: Scalar, largest: number): Scalar {
  return customGrad((x: Tensor | ((tensors: Tensor[]) => void)) => ({
    value: minimum(x as Tensor, largest),
    gradFunc: (slope: Tensor) => slope,
  }))(logScale) as Scalar
}
