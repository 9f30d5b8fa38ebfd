import type { ConfigValue, Issue, Path } from '../../../core/schema.ts'
import type { ConfigRecord } from '../../ops/typedConfig.ts'
import type { HubWeight } from '../hubWeights.ts'
import type { HubFile } from './hubFile.ts'

type HubValue = string | number | boolean | null | readonly HubValue[] | HubConfig

/** What a `config.json` of Hugging Face's says. */
export interface HubConfig {
  readonly [name: string]: HubValue
}

/** The architecture of Hugging Face's that a model is one of, where its settings allow it. */
export interface HubArchitecture<Config, Sizes> {
  /** What people call it. */
  readonly title: string
  /** A tensor that every file of it has, by the name that `importName` gives. */
  readonly landmark: string
  /** What `config.json` calls it. */
  readonly modelType: string
  /** The tensor that has a row for every token, where it reads texts. */
  readonly words?: string
  /**
   * Settings of the model that a file is of, for the schema to check.
   * @throws DataError `weights-mismatch` where a tensor that tells a size is not there
   */
  settings(file: HubFile): ConfigRecord
  /** Side and channels of the images that a file is for; left out where it reads none. */
  images?(file: HubFile): { readonly side: number; readonly channels: number }
  /** Settings that it cannot have, with paths within the model's config. */
  misfits(config: Config, sizes: Sizes): Issue[]
  /** How each weight lies there; asked only where nothing misfits. */
  table(config: Config, sizes: Sizes): HubWeight[]
  /** With which `transformers` makes the same model; asked only where nothing misfits. */
  configFile(config: Config, sizes: Sizes): HubConfig
  /** Whether a tensor of a file is of a head, which another task does without or has another one of. */
  isOfHead(hubName: string): boolean
  /** Logarithm of the scale of similarities, a tensor there, which belongs to the loss here. */
  readonly logScale?: string
  /** What people should know who read the file. */
  readonly caveat?: string
}

/** Our activations under their names there; a gated one has none. */
export const hubActivations: Readonly<Record<string, string>> = {
  'gelu-tanh': 'gelu_new',
  'gelu-exact': 'gelu',
  silu: 'silu',
  relu: 'relu',
  'relu-squared': 'relu2',
  'quick-gelu': 'quick_gelu',
}

/** Which of `settings` have none of the values that an architecture can have. */
export function misfitsOf(
  settings: ConfigRecord,
  can: { readonly [name: string]: readonly ConfigValue[] },
  path: Path = [],
): Issue[] {
  return Object.entries(can).flatMap(([name, values]): Issue[] => {
    const value = settings[name]!
    if (values.includes(value)) return []
    const wanted = values.map((each) => JSON.stringify(each)).join(' or ')
    return [{ path: [...path, name], message: `must be ${wanted}, got ${JSON.stringify(value)}` }]
  })
}

/** The same of the blocks that all of these architectures have. */
export function blockMisfits(
  settings: ConfigRecord & { readonly numHeads: number },
  normPlace: 'pre' | 'post',
  path: Path = [],
): Issue[] {
  const can = {
    norm: ['layer-norm'],
    normPlace: [normPlace],
    activation: Object.keys(hubActivations),
    hasBias: [true],
    hasHeadNorm: [false],
    numKeyHeads: [0, settings.numHeads],
  }
  return misfitsOf(settings, can, path)
}

/** Names of classes where there are none. */
export function placeholderClasses(count: number): HubConfig {
  return classNames(Array.from({ length: count }, (_, i) => `LABEL_${i}`))
}

/** Names of classes as a `config.json` has them. */
export function classNames(names: readonly string[]): HubConfig {
  return {
    id2label: Object.fromEntries(names.map((name, i) => [String(i), name])),
    label2id: Object.fromEntries(names.map((name, i) => [name, i])),
  }
}
