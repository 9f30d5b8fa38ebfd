import type { CatalogEntry } from '../../core/catalog.ts'
import type { Fields, InferFields } from '../../core/schema.ts'
import type { LabBackend } from '../backend/labBackend.ts'
import type { Scalar, Tensor, Variable } from '../backend/tfjs.ts'
import type { FlatUpdateRule } from '../kernels/flatUpdate/flatUpdate.ts'
import type { WholeMoment, WholePage } from '../kernels/wholePage.ts'
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
  /** Factors on it, by number of tower; left out for 1. */
  readonly towerRates?: readonly number[] | undefined
}

/** How weights are updated number by number. */
export interface FlatPart<P> {
  /**
   * Changes the parameter and its slots, from tfjs's operations: on the CPU, and what the rule is held against.
   * `clipFactor` multiplies every gradient.
   */
  update(params: P, entry: UpdateEntry, moment: UpdateMoment & { readonly clipFactor: Scalar }): void
  /** The same for all weights at once on the GPU. */
  rule(params: P): FlatUpdateRule
  /** What the rule's `numbers` are at an update, for weights of this kind; in float64 up to here. */
  numbers(params: P, moment: UpdateMoment, kind: ParameterSpec['kind']): readonly number[]
}

/** A weight that is updated as a whole, at one update. */
export interface WholeEntry {
  readonly spec: ParameterSpec
  readonly parameter: Tensor
  /** Of the parameter's shape, clipped. */
  readonly gradient: Tensor
  /** Those that `slotShape` gave a shape for. */
  readonly slots: Readonly<Record<string, Tensor>>
  /** What `numbers` gave, as scalars. */
  readonly numbers: Readonly<Record<string, Scalar>>
}

/** How weights are updated of which no number can be told without the others: matrices as matrices. */
export interface WholePart<P> {
  takes(params: P, spec: ParameterSpec): boolean
  /** Of what it keeps for a weight under this name; null for nothing. */
  slotShape(params: P, slot: string, spec: ParameterSpec): readonly number[] | null
  /** What changes from update to update; always the same names. */
  numbers(params: P, moment: UpdateMoment, spec: ParameterSpec): Readonly<Record<string, number>>
  /**
   * The weight and its slots afterwards, from tfjs's operations: on the CPU, and what the rule is held against; it can be
   * recorded.
   */
  update(
    params: P,
    entry: WholeEntry,
  ): { readonly parameter: Tensor; readonly slots: Readonly<Record<string, Tensor>> }
  /** The same for all weights of a page at once on the GPU. */
  rule(params: P): WholeRule
}

/** A kernel that updates weights as wholes, in place; nothing where the norm is not finite. */
export interface WholeRule {
  /** Name of its folder. */
  readonly kernel: string
  /** What it reads of the weights, made once. */
  table(page: WholePage): Uint32Array<ArrayBuffer>
  update(
    backend: LabBackend,
    given: { readonly page: WholePage; readonly table: GPUBuffer; readonly moment: WholeMoment },
  ): void
}

export interface OptimizerSpec extends CatalogEntry {
  /** Names of the tensors that it keeps for weights. Those of flat weights are what the rule names. */
  slots(params: ConfigRecord): readonly string[]
  /** For weights that `whole` does not take; null where it takes all. */
  readonly flat: FlatPart<ConfigRecord> | null
  readonly whole: WholePart<ConfigRecord> | null
}

/** Every optimizer has a base learning rate, which a person may change while a run goes on. */
type OptimizerFields = Fields & { readonly learningRate: { readonly type: 'number'; readonly isLive: true } }

type Parts<P> =
  | { readonly flat: FlatPart<P>; readonly whole?: WholePart<P> }
  | { readonly flat?: undefined; readonly whole: Omit<WholePart<P>, 'takes'> }

type OptimizerDefinition<F extends OptimizerFields> = CatalogEntry & {
  readonly fields: F
  slots(params: InferFields<F>): readonly string[]
} & Parts<InferFields<F>>

export function defineOptimizer<const F extends OptimizerFields>(
  definition: OptimizerDefinition<F>,
): OptimizerSpec {
  const typed = (params: ConfigRecord) => typedConfig(definition.fields, params)
  const { flat } = definition
  const whole = definition.flat ? definition.whole : { ...definition.whole, takes: () => true }
  return {
    ...definition,
    slots: (params) => definition.slots(typed(params)),
    flat: flat
      ? {
          update: (params, entry, moment) => flat.update(typed(params), entry, moment),
          rule: (params) => flat.rule(typed(params)),
          numbers: (params, moment, kind) => flat.numbers(typed(params), moment, kind),
        }
      : null,
    whole: whole
      ? {
          takes: (params, spec) => whole.takes(typed(params), spec),
          slotShape: (params, slot, spec) => whole.slotShape(typed(params), slot, spec),
          numbers: (params, moment, spec) => whole.numbers(typed(params), moment, spec),
          update: (params, entry) => whole.update(typed(params), entry),
          rule: (params) => whole.rule(typed(params)),
        }
      : null,
  }
}
