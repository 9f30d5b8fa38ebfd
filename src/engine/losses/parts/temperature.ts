import type { Fields, Issue } from '../../../core/schema.ts'
import {
  add,
  cos,
  customGrad,
  exp,
  log,
  minimum,
  mul,
  neg,
  type Scalar,
  type Tensor,
} from '../../backend/tfjs.ts'
import { offTape } from '../../backend/offTape.ts'
import type { LossMemory, StateSpec } from '../defineLoss.ts'
import { batchCount, oneMore, rampShare } from './batchCount.ts'

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

/** What charts show of a temperature that changes: the part `temperature`, or nothing. @param scale of {@link scaleOf} */
export function temperaturePart(scale: number | Scalar): { readonly temperature?: Scalar } {
  return typeof scale === 'number' ? {} : { temperature: offTape(() => exp(neg(scale)) as Scalar) }
}

/** The gradient passes: a scale that has reached the limit must find back. */
function clamped(logScale: Scalar, largest: number): Scalar {
  return customGrad((x: Tensor | ((tensors: Tensor[]) => void)) => ({
    value: minimum(x as Tensor, largest),
    gradFunc: (slope: Tensor) => slope,
  }))(logScale) as Scalar
}

/** Settings of a temperature that goes along a half cosine from where it begins to another one, and stays there. */
export const scheduleFields = {
  finalTemperature: {
    type: 'number',
    label: 'Last temperature',
    help: 'Where a scheduled temperature ends.',
    default: 0.07,
    min: 0.001,
    max: 100,
    scale: 'log',
    isAdvanced: true,
  },
  temperatureSteps: {
    type: 'int',
    label: 'Steps of the temperature',
    help: 'So many batches it takes from the temperature to the last one; 0: it stays.',
    default: 0,
    min: 0,
    max: 10_000_000,
    isAdvanced: true,
  },
} as const satisfies Fields

export interface TemperatureSchedule extends Temperature {
  readonly finalTemperature: number
  readonly temperatureSteps: number
}

export function scheduleState({ temperatureSteps }: TemperatureSchedule): { [name: string]: StateSpec } {
  return temperatureSteps > 0 ? { temperatureCount: batchCount } : {}
}

/** What does not go together of {@link scheduleFields} and {@link temperatureFields}. */
export function checkSchedule({ isTemperatureLearned, temperatureSteps }: TemperatureSchedule): Issue[] {
  if (!isTemperatureLearned || temperatureSteps === 0) return []
  const message = `must be 0 where the temperature is learned (isTemperatureLearned), got ${temperatureSteps}`
  return [{ path: ['temperatureSteps'], message }]
}

/** The scale of this batch, and what is kept: τ = τ₁ + ½(τ₀ − τ₁)(1 + cos(π·share)), share of the steps that are behind. */
export function scheduledScale(
  params: TemperatureSchedule,
  memory: LossMemory,
): { readonly scale: number | Scalar; readonly state: { readonly [name: string]: Tensor } } {
  const { temperature: first, finalTemperature: last, temperatureSteps } = params
  const count = memory.state['temperatureCount']
  if (count === undefined) return { scale: scaleOf(params, memory), state: {} }
  const share = rampShare(count, temperatureSteps)
  const scale = offTape(() => {
    const high = mul(add(cos(mul(share, Math.PI)), 1), (first - last) / 2)
    return neg(log(add(high, last))) as Scalar
  })
  return { scale, state: { temperatureCount: oneMore(count) } }
}
