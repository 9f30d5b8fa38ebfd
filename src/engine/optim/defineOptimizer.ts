import type { CatalogEntry } from '../../core/catalog.ts'
import type { Fields, InferFields } from '../../core/schema.ts'
import type { Scalar, Tensor, Variable } from '../backend/tfjs.ts'
import type { FlatUpdateRule } from '../kernels/flatUpdate/flatUpdate.ts'
import type { ParameterSpec } from '../nn/parameter.ts'
import { typedConfig, type ConfigRecord } from '../ops/typedConfig.ts'

/** One weight at one update. */
export interface UpdateEntry {
  readonly kind: ParameterSpec['kind']
  readonly parameter: Variable
  /** Of the parameter's shape, not yet clipped. */
  readonly gradient: Tensor
  /** The optimizer's own tensors for this weight, by the names that `slots` gave; they start at zero. */
  readonly slots: Readonly<Record<string, Variable>>
}

export interface UpdateMoment {
  /** After schedule and component multiplier. */
  readonly learningRate: number
  /** 1 for the first update of the stage. */
  readonly step: number
}

export interface OptimizerSpec extends CatalogEntry {
  /** Names of the tensors, each of the weight's shape, that it keeps for a weight. */
  slots(params: ConfigRecord): readonly string[]
  /**
   * Changes the parameter and its slots, from tfjs's operations: on the CPU, and what the rule is held against.
   * `clipFactor` multiplies every gradient.
   */
  update(
    params: ConfigRecord,
    entry: UpdateEntry,
    moment: UpdateMoment & { readonly clipFactor: Scalar },
  ): void
  /** The same for all weights at once on the GPU. */
  rule(params: ConfigRecord): FlatUpdateRule
  /** What the rule's `numbers` are at an update, for weights of this kind; in float64 up to here. */
  numbers(params: ConfigRecord, moment: UpdateMoment, kind: ParameterSpec['kind']): readonly number[]
}

/** Every optimizer has a base learning rate, which a person may change while a run goes on. */
type OptimizerFields = Fields & { readonly learningRate: { readonly type: 'number'; readonly isLive: true } }

interface OptimizerDefinition<F extends OptimizerFields> extends CatalogEntry {
  readonly fields: F
  slots(params: InferFields<F>): readonly string[]
  update(
    params: InferFields<F>,
    entry: UpdateEntry,
    moment: UpdateMoment & { readonly clipFactor: Scalar },
  ): void
  rule(params: InferFields<F>): FlatUpdateRule
  numbers(params: InferFields<F>, moment: UpdateMoment, kind: ParameterSpec['kind']): readonly number[]
}

export function defineOptimizer<const F extends OptimizerFields>(
  definition: OptimizerDefinition<F>,
): OptimizerSpec {
  const typed = (params: ConfigRecord) => typedConfig(definition.fields, params)
  return {
    ...definition,
    slots: (params) => definition.slots(typed(params)),
    update: (params, entry, moment) => definition.update(typed(params), entry, moment),
    rule: (params) => definition.rule(typed(params)),
    numbers: (params, moment, kind) => definition.numbers(typed(params), moment, kind),
  }
}
