import type { CatalogEntry } from '../../core/catalog.ts'
import type { Fields, InferFields, Issue } from '../../core/schema.ts'
import type { StoredType } from '../backend/storedType.ts'
import type { Tensor1D, Tensor2D } from '../backend/tfjs.ts'
import type { DropoutAt } from '../nn/dropoutSites.ts'
import type { ParameterSpec, Weights } from '../nn/parameter.ts'
import type { UnmadeLogits } from '../losses/lossInputs.ts'
import { typedConfig, type ConfigRecord } from '../ops/typedConfig.ts'

/** How a pass runs: the trainer's concern, not the task's. */
export interface PassSetting {
  readonly dropoutAt: DropoutAt
  /** Gradient checkpointing: what lies within a block is computed again in the backward pass instead of kept. */
  readonly isCheckpointed: boolean
  /** How layers store what they make; residual stream and logits are f32 either way. */
  readonly stored: StoredType
}

/** What a language model reads in one forward pass. */
export interface ForwardInput extends PassSetting {
  /** int32 [B*T], sequence after sequence. */
  readonly ids: Tensor1D
  readonly batchSize: number
  /** At most the model's own. */
  readonly seqLen: number
  /** int32 [1], row of [B*T] to give logits for; null gives all rows. */
  readonly onlyRow: Tensor1D | null
}

/** Numbers of elements of 4 bytes that one forward and backward pass needs besides the weights; f16 counts half. */
export interface ActivationPlan {
  /** Kept from the forward pass for the backward pass. */
  readonly kept: number
  /** What lives beside it where most lives at once. */
  readonly scratch: number
  /** The kinds of tensor that are largest, by a name for people. All have gradients of the same shape in f32. */
  readonly tensors: readonly { readonly name: string; readonly shape: readonly number[] }[]
}

export interface PassSizes {
  readonly vocabSize: number
  readonly batchSize: number
  readonly seqLen: number
  readonly isCheckpointed: boolean
  readonly stored: StoredType
  /** Losses are given `unmadeLogits`. */
  readonly areLogitsInParts: boolean
}

export interface ModelSpec extends CatalogEntry {
  /** Longest sequence that it reads. */
  seqLen(config: ConfigRecord): number
  /** Share of units that are dropped in training. */
  dropoutRate(config: ConfigRecord): number
  /** What does not fit together, with paths within the model's config; empty when all is well. */
  check(config: ConfigRecord): Issue[]
  /** All weights, in the order of checkpoints. */
  parameters(config: ConfigRecord, vocabSize: number): ParameterSpec[]
  /** Logits [B*T, V], or [1, V] for `onlyRow`. */
  forward(config: ConfigRecord, weights: Weights, input: ForwardInput): Tensor2D
  /** The same before the last product: `onlyRow` is null. */
  unmadeLogits(config: ConfigRecord, weights: Weights, input: ForwardInput): UnmadeLogits
  /** Our name of a tensor of somebody's checkpoint; null for buffers that hold no weights. */
  importName(name: string): string | null
  /** Names that may repeat another tensor in a checkpoint (a tied head), by name. */
  aliases(config: ConfigRecord): ReadonlyMap<string, string>
  planActivations(config: ConfigRecord, sizes: PassSizes): ActivationPlan
}

interface ModelDefinition<F extends Fields> extends CatalogEntry {
  readonly fields: F
  seqLen(config: InferFields<F>): number
  dropoutRate(config: InferFields<F>): number
  check(config: InferFields<F>): Issue[]
  parameters(config: InferFields<F>, vocabSize: number): ParameterSpec[]
  forward(config: InferFields<F>, weights: Weights, input: ForwardInput): Tensor2D
  unmadeLogits(config: InferFields<F>, weights: Weights, input: ForwardInput): UnmadeLogits
  importName(name: string): string | null
  aliases(config: InferFields<F>): ReadonlyMap<string, string>
  planActivations(config: InferFields<F>, sizes: PassSizes): ActivationPlan
}

export function defineModel<const F extends Fields>(definition: ModelDefinition<F>): ModelSpec {
  const typed = (config: ConfigRecord) => typedConfig(definition.fields, config)
  return {
    ...definition,
    seqLen: (config) => definition.seqLen(typed(config)),
    dropoutRate: (config) => definition.dropoutRate(typed(config)),
    check: (config) => definition.check(typed(config)),
    parameters: (config, vocabSize) => definition.parameters(typed(config), vocabSize),
    forward: (config, weights, input) => definition.forward(typed(config), weights, input),
    unmadeLogits: (config, weights, input) => definition.unmadeLogits(typed(config), weights, input),
    aliases: (config) => definition.aliases(typed(config)),
    planActivations: (config, sizes) => definition.planActivations(typed(config), sizes),
  }
}
