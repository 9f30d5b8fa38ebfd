import type { CatalogEntry } from '../../core/catalog.ts'
import { DataError } from '../../core/errors.ts'
import type { ConfigValue, Fields, InferFields } from '../../core/schema.ts'
import type { Ordered } from '../orderedRegistry.ts'
import type { Dealt, SplitItems } from './parts/splitItems.ts'

/** A stretch that is kept apart, in UTF-16 units of a text or in items; `end` is outside. */
export interface Stretch {
  readonly start: number
  readonly end: number
}

interface SplitParts extends CatalogEntry, Ordered {
  readonly id: string
  /** Raised whenever the same data would be cut otherwise: stored arrays are made anew. */
  readonly version: number
  /** Whether another seed cuts otherwise. */
  readonly usesSeed: boolean
}

/** A split by places alone. */
interface Cutting<P> extends SplitParts {
  /** What it can cut: letters of a text, or items of a set too. */
  readonly of: 'text' | 'any'
  /** The validation part of a text of `length` UTF-16 units, or of so many items: sorted, neither empty nor everything. */
  validation(length: number, params: P, seed: number): Stretch[]
}

/** A split by what the items are. */
interface Dealing<P> extends SplitParts {
  readonly of: 'items'
  /** Whether items have what it goes by; what is asked for by name is left to `deal`. */
  fits(items: SplitItems): boolean
  /** The side of each item; some are trained on and some kept apart. */
  deal(items: SplitItems, params: P, seed: number): Dealt
}

type AnyParams = Record<string, ConfigValue>
export type CuttingSplit = Cutting<AnyParams>
export type DealingSplit = Dealing<AnyParams>
export type SplitKind = CuttingSplit | DealingSplit

export function defineSplit<const F extends Fields>(
  kind: (Cutting<InferFields<F>> | Dealing<InferFields<F>>) & { readonly fields: F },
): SplitKind {
  return kind as unknown as SplitKind // params were parsed by the same fields
}

export const fractionField = {
  type: 'number',
  label: 'Validation part',
  help: 'Share of the data that is never trained on.',
  default: 0.1,
  min: 0.001,
  max: 0.5,
  step: 0.01,
} as const

export function tooShortToSplit(length: number, needed: number, remedy: string): DataError {
  return new DataError(
    `Split: the data must have at least ${needed} characters or items to be split, got ${length}`,
    {
      code: 'split-too-short',
      remedy,
      details: { length, needed },
    },
  )
}
