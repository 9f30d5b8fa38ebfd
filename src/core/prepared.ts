import type { DataKind } from './catalog.ts'
import type { DataFacts } from './dataFacts.ts'

/** Token ids in the smallest type that holds the vocabulary. */
export type TokenArray = Uint8Array | Uint16Array | Int32Array
/** Numbers of items, in the smallest type that holds them. */
export type ItemArray = TokenArray | Float32Array

/** A trained tokenizer as plain JSON: enough to encode and decode, and what a checkpoint holds. */
export interface TokenizerRecord {
  kind: string
  state: unknown
}

/** One column of a table, as it becomes numbers. */
export type ColumnCoding =
  | { readonly name: string; readonly kind: 'number'; readonly mean: number; readonly deviation: number }
  | { readonly name: string; readonly kind: 'category'; readonly values: readonly string[] }
  /** Only of targets: any number of these. */
  | { readonly name: string; readonly kind: 'labels'; readonly values: readonly string[] }
  /** Only of targets: what is read is coded by the tokenizer. */
  | { readonly name: string; readonly kind: 'text' }

/** How content became numbers: what a checkpoint keeps, so that a model can be used on new content. Plain data. */
export interface Coding {
  readonly facts: DataFacts
  /** null where there is no text. */
  readonly tokenizer: TokenizerRecord | null
  /** Of images: mean and standard deviation of each channel, of values from 0 to 1. */
  readonly pixels?: { readonly means: readonly number[]; readonly deviations: readonly number[] }
  /** Of a table: what the model reads, and what it is to say. */
  readonly table?: { readonly inputs: readonly ColumnCoding[]; readonly target: ColumnCoding }
}

/** One part of a data set: `count` items, of each array the same number of elements for every item. */
export interface Part {
  readonly count: number
  readonly arrays: Readonly<Record<string, ItemArray>>
}

/**
 * Arrays made from content by transforms, a tokenizer and a split. A cache: can always be made again. A text is one array,
 * `tokens`, whose items are its tokens.
 */
export interface Prepared {
  /** SHA-256 over content hash, step, code versions and the parts of the config that matter. */
  key: string
  kind: DataKind
  train: Part
  validation: Part
  /** What is measured once, when all is chosen; left out where the split keeps none. */
  readonly test?: Part
  coding: Coding
  sizeBytes: number
  /** What a person should know of the split, in whole sentences; left out where there is nothing. */
  readonly notices?: readonly string[]
}

/** What of it is shown before a run, and what an estimate needs. */
export interface PreparedSummary {
  key: string
  facts: DataFacts
  /** Tokens of a text, else items. */
  trainItems: number
  validationItems: number
  /** Left out where the split keeps no test part. */
  testItems?: number
  /** What a person should know of the split, in whole sentences; left out where there is nothing. */
  readonly notices?: readonly string[]
}

export function summaryOf({ key, coding, train, validation, test, notices }: Prepared): PreparedSummary {
  return {
    key,
    facts: coding.facts,
    trainItems: train.count,
    validationItems: validation.count,
    ...(test && { testItems: test.count }),
    ...(notices && { notices }),
  }
}

/** Tokens of a part of a text. */
export function tokensOf({ arrays }: Part): TokenArray {
  const { tokens } = arrays
  if (tokens === undefined || tokens instanceof Float32Array) throw new TypeError('Part: must hold tokens')
  return tokens
}
