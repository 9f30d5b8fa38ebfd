import type { CatalogEntry } from '../../core/catalog.ts'
import { BunsenError } from '../../core/errors.ts'
import type { Fields, InferFields } from '../../core/schema.ts'
import type { Scalar, Tensor } from '../backend/tfjs.ts'
import { typedConfig, type ConfigRecord } from '../ops/typedConfig.ts'
import type { InputKind, LossInputs } from './lossInputs.ts'

/** What a loss keeps beside the model's weights. */
export interface LossMemory {
  /** Numbers that are learned with the weights: temperatures, biases, weights of tasks. */
  readonly scalars: { readonly [name: string]: Scalar }
  /** Queues, centres, averages: from the step before, without gradients. */
  readonly state: { readonly [name: string]: Tensor }
}

export interface LossResult {
  /** Mean over what counts. */
  readonly loss: Scalar
  /** Its terms by name, unweighted, for the charts; empty when there is only one. */
  readonly parts: { readonly [name: string]: Scalar }
  /** The state after this step, every name that the loss declares; left out by losses without state. */
  readonly state?: { readonly [name: string]: Tensor }
}

/** What sizes of state depend on. */
export interface LossSizes {
  /** Width of an embedding, or number of classes. */
  readonly width: number
  readonly batchSize: number
}

export interface StateSpec {
  readonly shape: readonly number[]
  readonly dtype: 'float32' | 'int32'
  /** `unit-rows`: rows of length 1 in random directions, from the run's generator. */
  readonly init: 'zeros' | 'ones' | 'unit-rows'
}

/** What the catalogue of losses in the docs says of each. */
interface Described extends CatalogEntry {
  /** One line of plain text. */
  readonly formula: string
  /** What it is good for: one sentence. */
  readonly use: string
  readonly accepts: InputKind
}

export interface LossSpec extends Described {
  /** It can be given `UnmadeLogits`. */
  readonly takesParts: boolean
  /** First values of the learned numbers. */
  scalars(params: ConfigRecord): Readonly<Record<string, number>>
  state(params: ConfigRecord, sizes: LossSizes): Readonly<Record<string, StateSpec>>
  /**
   * @param inputs at least what the loss accepts
   * @param memory what {@link scalars} and {@link state} declare; may be left out where they declare nothing
   * @throws BunsenError `loss-input` where something of that is missing
   */
  compute(params: ConfigRecord, inputs: Partial<LossInputs>, memory?: LossMemory): LossResult
}

interface LossDefinition<K extends InputKind, F extends Fields> extends Described {
  readonly fields: F
  readonly accepts: K
  /** false when left out */
  readonly takesParts?: boolean
  scalars?(params: InferFields<F>): Readonly<Record<string, number>>
  state?(params: InferFields<F>, sizes: LossSizes): Readonly<Record<string, StateSpec>>
  compute(params: InferFields<F>, input: LossInputs[K], memory: LossMemory): LossResult
}

const nothing: LossMemory = { scalars: {}, state: {} }
/** Which state there is does not depend on them. */
const anySizes: LossSizes = { width: 1, batchSize: 1 }

export function defineLoss<K extends InputKind, const F extends Fields>(
  definition: LossDefinition<K, F>,
): LossSpec {
  const { id, accepts, fields } = definition
  return {
    ...definition,
    takesParts: definition.takesParts ?? false,
    scalars: (params) => definition.scalars?.(typedConfig(fields, params)) ?? {},
    state: (params, sizes) => definition.state?.(typedConfig(fields, params), sizes) ?? {},
    compute(params, inputs, memory = nothing) {
      const input = inputs[accepts]
      if (input === undefined) throw missing(id, `input of the kind ${accepts}`, Object.keys(inputs))
      const settings = typedConfig(fields, params)
      for (const name of Object.keys(definition.scalars?.(settings) ?? {}))
        if (!(name in memory.scalars)) throw missing(id, `scalar ${name}`, Object.keys(memory.scalars))
      for (const name of Object.keys(definition.state?.(settings, anySizes) ?? {}))
        if (!(name in memory.state)) throw missing(id, `state ${name}`, Object.keys(memory.state))
      return definition.compute(settings, input, memory)
    },
  }
}

function missing(id: string, what: string, got: readonly string[]): BunsenError {
  return new BunsenError(`Loss ${id}: must be given the ${what}, got ${got.join(', ') || 'nothing'}`, {
    code: 'loss-input',
  })
}
