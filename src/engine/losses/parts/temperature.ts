import type { Fields } from '../../../core/schema.ts'
import { customGrad, exp, minimum, neg, type Scalar, type Tensor } from '../../backend/tfjs.ts'
import { offTape } from '../../backend/offTape.ts'
import type { LossMemory } from '../defineLoss.ts'

/** Similarities are scaled by 100 at most, as in CLIP: sharper ones make training unstable. */
export const largestLogScale = Math.log(100)

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
): number | Scalar {
  return isTemperatureLearned ? clamped(scalars['logScale']!) : 1 / temperature
}

/** What charts show of a temperature that changes: the part `temperature`, or nothing. @param scale of {@link scaleOf} */
export function temperaturePart(scale: number | Scalar): { readonly temperature?: Scalar } {
  return typeof scale === 'number' ? {} : { temperature: offTape(() => exp(neg(scale)) as Scalar) }
}

/** The gradient passes: a scale that has reached the limit must find back. */
const clamped = customGrad((logScale: Tensor | ((tensors: Tensor[]) => void)) => ({
  value: minimum(logScale as Tensor, largestLogScale),
  gradFunc: (slope: Tensor) => slope,
})) as (logScale: Scalar) => Scalar
