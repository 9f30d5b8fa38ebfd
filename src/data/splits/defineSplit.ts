import type { CatalogEntry } from '../../core/catalog.ts'
import { DataError } from '../../core/errors.ts'
import type { ConfigValue, Fields, InferFields } from '../../core/schema.ts'
import type { Ordered } from '../orderedRegistry.ts'

/** A stretch that is kept apart, in UTF-16 units of a text or in items; `end` is outside. */
export interface Stretch {
  readonly start: number
  readonly end: number
}

interface SplitParts<P> extends CatalogEntry, Ordered {
  readonly id: string
  /** Raised whenever the same text would be cut otherwise: stored arrays are made anew. */
  readonly version: number
  /** Whether another seed cuts otherwise. */
  readonly usesSeed: boolean
  /** What it can cut: letters of a text, items of a set, or both. */
  readonly of: 'text' | 'items' | 'any'
  /**
   * The validation part of a text of `length` UTF-16 units, or of so many items: sorted, neither empty nor everything.
   * @param labels class of each item; null where there are none
   */
  validation(length: number, params: P, seed: number, labels: Int32Array | null): Stretch[]
}

export type SplitKind = SplitParts<Record<string, ConfigValue>>

export function defineSplit<const F extends Fields>(
  kind: SplitParts<InferFields<F>> & { readonly fields: F },
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
