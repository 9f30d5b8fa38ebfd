import type { CatalogEntry } from '../../core/catalog.ts'
import { BunsenError } from '../../core/errors.ts'
import type { ConfigValue, Fields, InferFields, Issue } from '../../core/schema.ts'
import type { CacheSizes, CacheSpec } from '../nn/keyValueCache.ts'
import type { ParameterSpec, Weights } from '../nn/parameter.ts'
import { typedConfig, type ConfigRecord } from '../ops/typedConfig.ts'
import type { HubArchitecture } from './hub/hubArchitecture.ts'
import type { HubWeight } from './hubWeights.ts'
import type {
  DataSizes,
  InputOf,
  ModelInputs,
  ModelKind,
  ModelOutput,
  PassSetting,
  SizesOf,
} from './modelInputs.ts'

interface Described extends CatalogEntry {
  /** What it reads. */
  readonly accepts: ModelKind
  /** Settings with which it learns one batch by heart within seconds: the contract tests train it so. */
  readonly tiny: ConfigRecord
}

export interface ModelSpec extends Described {
  /** How the names of weights begin, of parts that learn side by side; empty where there is one. */
  readonly towers: readonly string[]
  /** Whether it is a stack of transformer blocks, which can be computed again and stored in half precision. */
  readonly hasBlocks: boolean
  /** Longest sequence that it reads; null where it reads none. */
  seqLen(config: ConfigRecord): number | null
  /** What both sides of images must be a multiple of; 1 where any will do or none are read. */
  imageUnit(config: ConfigRecord): number
  /** What does not fit together, with paths within the model's config; empty when all is well. */
  check(config: ConfigRecord): Issue[]
  /** All weights, in the order of checkpoints. */
  parameters(config: ConfigRecord, sizes: DataSizes): ParameterSpec[]
  /**
   * @throws BunsenError `model-input` where what the model reads is missing
   * @throws ShapeError where it does not fit the model
   */
  forward(config: ConfigRecord, weights: Weights, inputs: ModelInputs, pass: PassSetting): ModelOutput
  /** What its layers keep of sequences, so that they can be read token by token; empty where they cannot. */
  caches(config: ConfigRecord, sizes: CacheSizes): CacheSpec[]
  /** Our name of a tensor of somebody's checkpoint; null for buffers that hold no weights. */
  importName(name: string): string | null
  /** The architecture of Hugging Face's that it is one of; null where there is none. */
  readonly hub: HubArchitecture<ConfigRecord, DataSizes> | null
  /** How each weight lies in a checkpoint of that; null where these settings have no such architecture. */
  hubTable(config: ConfigRecord, sizes: DataSizes): HubWeight[] | null
  /** Names that may repeat another tensor in a checkpoint (a tied head), by name. */
  aliases(config: ConfigRecord): ReadonlyMap<string, string>
}

interface ModelDefinition<K extends ModelKind, F extends Fields> extends Described {
  readonly accepts: K
  readonly fields: F
  readonly tiny: { readonly [K in keyof F]?: ConfigValue } & ConfigRecord
  readonly towers?: readonly string[]
  /** true when left out */
  readonly hasBlocks?: boolean
  seqLen?(config: InferFields<F>): number
  imageUnit?(config: InferFields<F>): number
  check?(config: InferFields<F>): Issue[]
  parameters(config: InferFields<F>, sizes: SizesOf<K>): ParameterSpec[]
  forward(config: InferFields<F>, weights: Weights, input: InputOf<K>, pass: PassSetting): ModelOutput
  readonly hub?: HubArchitecture<InferFields<F>, SizesOf<K>>
  caches?(config: InferFields<F>, sizes: CacheSizes): CacheSpec[]
  importName?(name: string): string | null
  aliases?(config: InferFields<F>): ReadonlyMap<string, string>
}

export function defineModel<K extends ModelKind, const F extends Fields>(
  definition: ModelDefinition<K, F>,
): ModelSpec {
  const { id, accepts, fields } = definition
  const typed = (config: ConfigRecord) => typedConfig(fields, config)
  const missing = (what: string, got: object) =>
    new BunsenError(
      `Model ${id}: must be given ${what} of the kind ${accepts}, got ${Object.keys(got).join(', ') || 'nothing'}`,
      { code: 'model-input' },
    )
  const sizesOf = ({ [accepts]: sizes }: DataSizes): SizesOf<K> => {
    if (sizes === undefined) throw missing('sizes', {})
    return sizes as SizesOf<K>
  }
  const { hub: own } = definition
  const hub: ModelSpec['hub'] = own
    ? {
        ...own,
        misfits: (config, sizes) => own.misfits(typed(config), sizesOf(sizes)),
        table: (config, sizes) => own.table(typed(config), sizesOf(sizes)),
        configFile: (config, sizes) => own.configFile(typed(config), sizesOf(sizes)),
      }
    : null
  return {
    ...definition,
    hub,
    towers: definition.towers ?? [],
    hasBlocks: definition.hasBlocks ?? true,
    seqLen: (config) => definition.seqLen?.(typed(config)) ?? null,
    imageUnit: (config) => definition.imageUnit?.(typed(config)) ?? 1,
    check: (config) => definition.check?.(typed(config)) ?? [],
    parameters: (config, sizes) => definition.parameters(typed(config), sizesOf(sizes)),
    forward(config, weights, inputs, pass) {
      const input = inputs[accepts]
      if (input === undefined) throw missing('input', inputs)
      return definition.forward(typed(config), weights, input as InputOf<K>, pass)
    },
    hubTable: (config, sizes) =>
      hub === null || hub.misfits(config, sizes).length > 0 ? null : hub.table(config, sizes),
    caches: (config, sizes) => definition.caches?.(typed(config), sizes) ?? [],
    importName: (name) => (definition.importName === undefined ? name : definition.importName(name)),
    aliases: (config) => definition.aliases?.(typed(config)) ?? new Map(),
  }
}
