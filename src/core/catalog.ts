import type { Fields } from './schema.ts'

/** What the registries tell the schema, the form and the docs about one registered thing. */
export interface CatalogEntry {
  /** Kebab-case; stands in configs, links and stored records. */
  readonly id: string
  readonly title: string
  /** One sentence. */
  readonly summary: string
  /** Paper or page. */
  readonly link?: string
  /** Kinds of data that it is for; left out for all. */
  readonly dataKinds?: readonly DataKind[]
  readonly fields: Fields
}

export interface TaskEntry extends CatalogEntry {
  /** Kinds of data set that it trains on. */
  readonly dataKinds: readonly DataKind[]
  /** Its model writes text, token by token. */
  readonly canWrite: boolean
  /** What it writes is another text, not the prompt gone on with. */
  readonly isRewriting: boolean
  /** What its cross-entropy chooses among; null where its losses are of another kind. */
  readonly guesses: 'tokens' | 'classes' | null
  /** Its items can be searched by words and by pictures. */
  readonly canSearch: boolean
  /** Ids of models that fit. */
  readonly models: readonly string[]
  readonly losses: readonly string[]
  /** Metric names that it reports besides loss, and which way is better. */
  readonly metrics: readonly {
    readonly name: string
    readonly label: string
    readonly better: 'lower' | 'higher'
  }[]
}

/** What content is: running text; images, with labels or captions where they have them; rows of named columns. */
export type DataKind = 'text' | 'images' | 'table'

/** A data set that comes with the app, taken from a package at build time. */
export interface BundledEntry {
  readonly id: string
  readonly title: string
  readonly summary: string
  readonly kind: DataKind
  readonly sizeBytes: number
  /** Lower-case hex of the bytes that are served. */
  readonly sha256: string
  /** File name below the app's `data/` folder. */
  readonly file: string
  readonly licence: string
  /** Package and version that it was taken from. */
  readonly origin: string
}

/** Everything that can be chosen by name. Collected from the registries in the workers and in Node. */
export interface Catalog {
  readonly tasks: readonly TaskEntry[]
  readonly models: readonly CatalogEntry[]
  readonly losses: readonly CatalogEntry[]
  readonly optimizers: readonly CatalogEntry[]
  readonly schedules: readonly CatalogEntry[]
  readonly tokenizers: readonly CatalogEntry[]
  readonly transforms: readonly CatalogEntry[]
  readonly augmentations: readonly CatalogEntry[]
  readonly textAugmentations: readonly CatalogEntry[]
  readonly splits: readonly CatalogEntry[]
  readonly samplers: readonly CatalogEntry[]
  /** What makes an example hard, for curricula. */
  readonly difficulties: readonly CatalogEntry[]
  readonly bundled: readonly BundledEntry[]
}

/** What every task reports, by the names that events have; of both, less is better. */
export const lossMetrics = ['validation/loss', 'train/loss'] as const
