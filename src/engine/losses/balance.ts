import type { StageConfig } from '../../core/runConfig.ts'
import { offTape } from '../backend/offTape.ts'
import {
  add,
  addN,
  div,
  equal,
  exp,
  greater,
  maximum,
  mean,
  mul,
  neg,
  onesLike,
  pow,
  reshape,
  sign,
  slice,
  softmax,
  stack,
  sub,
  sum,
  where,
  zerosLike,
  type Scalar,
  type Tensor,
  type Tensor1D,
} from '../backend/tfjs.ts'
import type { ParameterSpec, Weights } from '../nn/parameter.ts'
import type { StateSpec } from './defineLoss.ts'
import { sharedGradientNorms } from './parts/sharedGradients.ts'

/** What of a stage says how much its losses count. */
export type BalanceSettings = Pick<StageConfig, 'losses' | 'lossBalance'>

const nameOf = (part: string): string => `loss.balance.${part}`

/**
 * How much a loss counts at an update: its weight, rising from `fromStep` on and falling from `untilStep` on, each over
 * `rampSteps`. @param step updates of the stage before this one
 */
export function weightAt(
  { weight, fromStep, untilStep, rampSteps }: StageConfig['losses'][number],
  step: number,
): number {
  const share = (since: number): number =>
    Math.min(1, Math.max(0, rampSteps === 0 ? since : since / rampSteps))
  // An update on which it begins counts it for the first time: with a ramp a little, without one in full.
  const risen = fromStep === 0 ? 1 : share(step - fromStep + 1)
  const fallen = untilStep === 0 ? 0 : share(step - untilStep + 1)
  return weight * risen * (1 - fallen)
}

/** Whether weights can change within the stage: by themselves, or by hand where there are several losses. */
export function areWeightsFed({ losses }: Pick<StageConfig, 'losses'>): boolean {
  return losses.length > 1 || losses.some(({ fromStep, untilStep }) => fromStep > 0 || untilStep > 0)
}

/** The numbers that balancing learns. */
export function balanceNumbers({ losses, lossBalance }: BalanceSettings): ParameterSpec[] {
  if (lossBalance.kind !== 'uncertainty') return []
  const init = { kind: 'constant', value: 0 } as const
  return [{ name: nameOf('logVariances'), shape: [losses.length], kind: 'vector', init }]
}

/** What balancing keeps from step to step. */
export function balanceState({ losses, lossBalance }: BalanceSettings): Map<string, StateSpec> {
  const each = { shape: [losses.length], dtype: 'float32', init: 'zeros' } as const
  if (lossBalance.kind === 'gradient-norms')
    return new Map<string, StateSpec>([
      [nameOf('factors'), { ...each, init: 'ones' }],
      [nameOf('first'), each],
      [nameOf('isBegun'), { ...each, shape: [1] }],
    ])
  if (lossBalance.kind !== 'averages') return new Map()
  return new Map<string, StateSpec>([
    [nameOf('sums'), each],
    [nameOf('counted'), { ...each, shape: [1] }],
    [nameOf('last'), each],
    [nameOf('lastButOne'), each],
  ])
}

export interface Balanced {
  readonly total: Scalar
  /** By name, as {@link balanceState} declares it. */
  readonly state: ReadonlyMap<string, Tensor>
}

/**
 * The losses of a training step in one, each with its weight, by the stage's way:
 * `fixed`: Σ w_i·L_i. `uncertainty` (Kendall et al. 2018): Σ w_i·(e^{-s_i}·L_i + s_i), s learned. `averages` (Dynamic
 * Weight Average, Liu et al. 2019): w_i times n·softmax(r/T)_i, r_i how the mean of L_i over the last `window` updates
 * compares with that of the ones before; 1 until there are two. `gradient-norms` (GradNorm, Chen et al. 2018): w_i·f_i,
 * see {@link nextFactors}.
 * @param weights [n] where they change within the stage; null for those of the settings
 * @param kept holds what {@link balanceNumbers} and {@link balanceState} declare
 */
export function balance(
  settings: BalanceSettings,
  values: readonly Scalar[],
  {
    weights,
    kept,
  }: { weights: Tensor1D | null; kept: { readonly weights: Weights; readonly state: Weights } },
): Balanced {
  const { lossBalance, losses } = settings
  const weighted = (terms: readonly Scalar[]): Scalar =>
    addN(
      terms.map((term, i): Tensor => {
        if (weights !== null) return mul(term, reshape(slice(weights, i, 1), []))
        const { weight } = losses[i]!
        return weight === 1 ? term : mul(term, weight)
      }),
    ) as Scalar
  switch (lossBalance.kind) {
    case 'uncertainty': {
      const logVariances = kept.weights.get(nameOf('logVariances'))!
      const terms = values.map((value, i): Scalar => {
        const s: Scalar = reshape(slice(logVariances as Tensor1D, i, 1), [])
        return add(mul(exp(neg(s)), value), s)
      })
      return { total: weighted(terms), state: new Map() }
    }
    case 'averages':
      return balanceByAverages(values, { lossBalance, kept: kept.state, weighted })
    case 'gradient-norms':
      return balanceByGradients(values, { lossBalance, kept: kept.state, weighted })
    default:
      return { total: weighted(values), state: new Map() }
  }
}

interface Balancing {
  readonly lossBalance: BalanceSettings['lossBalance']
  readonly kept: Weights
  readonly weighted: (terms: readonly Scalar[]) => Scalar
}

/** Each value times its factor. */
function scaled(values: readonly Scalar[], factors: Tensor): Scalar[] {
  return values.map((value, i) => mul(value, reshape(slice(factors as Tensor1D, i, 1), [])))
}

function balanceByAverages(values: readonly Scalar[], { lossBalance, kept, weighted }: Balancing): Balanced {
  const temperature = Number(lossBalance['temperature'])
  const window = Number(lossBalance['window'])
  const of = (part: string): Tensor => kept.get(nameOf(part))!
  const factors = offTape((): Tensor => {
    const [last, before] = [of('last'), of('lastButOne')]
    const isThere = greater(before, 0)
    const ratios = where(isThere, div(last, where(isThere, before, onesLike(before))), onesLike(last))
    return mul(softmax(div(ratios, temperature)), values.length)
  })
  const total = weighted(scaled(values, factors))
  const next = (part: string, compute: (isFull: Tensor, sums: Tensor) => Tensor): [string, Tensor] => [
    nameOf(part),
    offTape(() => {
      const sums = add(of('sums'), stack([...values]))
      const counted = add(of('counted'), 1)
      return compute(equal(sum(counted), window), sums)
    }),
  ]
  const state = new Map([
    next('sums', (isFull, sums) => where(isFull, zerosLike(sums), sums)),
    next('counted', (isFull) => {
      const counted = add(of('counted'), 1)
      return where(isFull, zerosLike(counted), counted)
    }),
    next('last', (isFull, sums) => where(isFull, div(sums, window), of('last'))),
    next('lastButOne', (isFull) => where(isFull, of('last'), of('lastButOne'))),
  ])
  return { total, state }
}

function balanceByGradients(values: readonly Scalar[], { lossBalance, kept, weighted }: Balancing): Balanced {
  const of = (part: string): Tensor => kept.get(nameOf(part))!
  const factors = of('factors')
  const norms = sharedGradientNorms(values)
  const isBegun = offTape(() => greater(of('isBegun'), 0))
  const first = offTape(() => where(isBegun, of('first'), stack([...values])))
  const settings = { alpha: Number(lossBalance['alpha']), rate: Number(lossBalance['learningRate']) }
  const state = new Map<string, Tensor>([
    [
      nameOf('factors'),
      offTape(() => nextFactors({ factors, norms, values: stack([...values]), first }, settings)),
    ],
    [nameOf('first'), first],
    [nameOf('isBegun'), offTape(() => onesLike(of('isBegun')))],
  ])
  return { total: weighted(scaled(values, factors)), state }
}

/** A loss that has fallen by more than this is treated as if by this, as is one below zero. */
const leastShare = 1e-3
const leastFactor = 1e-3

/**
 * GradNorm (Chen et al. 2018, eq. 1 and 2): with f the factors, g the norms of the losses' gradients in what all have in
 * common, r how each compares with its first value, over the mean of that: f moves against the gradient of
 * Σ |f_i·g_i - mean(f·g)·r_i^alpha|, where the second term is held still, and is then scaled to the sum n. Norms are
 * divided by their mean, so that the rate means the same for losses of any size. All [n].
 */
function nextFactors(
  { factors, norms, values, first }: Record<'factors' | 'norms' | 'values' | 'first', Tensor>,
  { alpha, rate }: { alpha: number; rate: number },
): Tensor {
  const size = mean(norms)
  const relative = div(norms, maximum(size, 1e-30))
  const shares = maximum(div(values, where(equal(first, 0), onesLike(first), first)), leastShare)
  const rates = pow(div(shares, mean(shares)), alpha)
  const pulls = mul(factors, relative)
  const slopes = mul(sign(sub(pulls, mul(mean(pulls), rates))), relative)
  const moved = maximum(sub(factors, mul(slopes, rate)), leastFactor)
  return mul(div(moved, sum(moved)), values.size)
}
