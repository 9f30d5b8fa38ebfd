import type { ParameterSpec } from '../nn/parameter.ts'
import type { ConfigRecord } from '../ops/typedConfig.ts'
import { layOut, type Layout } from '../parameters/layout.ts'
import type { OptimizerSpec, UpdateMoment } from './defineOptimizer.ts'

/** A weight that learns. */
export interface Learner {
  readonly spec: ParameterSpec
  readonly learningRateMultiplier: number
  /** Instead of the optimizer's; null for that. */
  readonly weightDecay: number | null
  /** Number of the tower whose rate it follows; left out where towers have none of their own. */
  readonly tower?: number | undefined
}

/** Learning rate of one weight at an update. */
export function rateOf(
  { learningRateMultiplier, tower }: Learner,
  { learningRate, towerRates }: Pick<UpdateMoment, 'learningRate' | 'towerRates'>,
): number {
  const own = tower === undefined ? 1 : (towerRates?.[tower] ?? 1)
  return learningRate * learningRateMultiplier * own
}

/** The optimizer's settings for one weight. */
export function paramsOf(params: ConfigRecord, { weightDecay }: Learner): ConfigRecord {
  return weightDecay === null ? params : { ...params, weightDecay, decayOn: 'everything' }
}

/** Where gradients and the optimizer's tensors lie. */
export interface UpdaterLayout {
  /** Those that are updated number by number. They come first in every page of the other layouts, at the same places. */
  readonly flat: Layout
  readonly gradients: Layout
  /** By slot. */
  readonly slots: ReadonlyMap<string, Layout>
}

/** Whether a weight is updated as a whole, not number by number. */
export function isWhole({ flat, whole }: OptimizerSpec, params: ConfigRecord, spec: ParameterSpec): boolean {
  return flat === null || (whole?.takes(params, spec) ?? false)
}

/**
 * @param specs of the weights that learn
 * @param options.pageOf the page of a weight among all weights, and so of what belongs to it
 */
export function updaterLayout(
  optimizer: OptimizerSpec,
  params: ConfigRecord,
  specs: readonly ParameterSpec[],
  { mostElements, pageOf }: { mostElements: number; pageOf: (name: string) => number },
): UpdaterLayout {
  const place = (shaped: Parameters<typeof layOut>[0]): Layout => layOut(shaped, mostElements, pageOf)
  const whole = specs.filter((spec) => isWhole(optimizer, params, spec))
  const flat = specs.filter((spec) => !isWhole(optimizer, params, spec))
  const ofFlat = optimizer.flat?.rule(params).slots ?? []
  const slots = optimizer.slots(params).map((slot): [string, Layout] => {
    const kept = whole.flatMap(({ name, ...spec }) => {
      const shape = optimizer.whole!.slotShape(params, slot, { name, ...spec })
      return shape === null ? [] : [{ name, shape }]
    })
    return [slot, place([...(ofFlat.includes(slot) ? flat : []), ...kept])]
  })
  return { flat: place(flat), gradients: place([...flat, ...whole]), slots: new Map(slots) }
}
