import type { CatalogEntry } from '../../core/catalog.ts'
import type { ConfigValue, Fields, InferFields } from '../../core/schema.ts'
import type { Ordered } from '../orderedRegistry.ts'

/** A transform at work on one text. The result must not depend on how the text is cut into pieces. */
export interface TextTransform {
  push(piece: string): string
  /** What was held back. */
  end(): string
}

interface TransformParts<P> extends CatalogEntry, Ordered {
  readonly id: string
  /** Raised whenever the same text would come out otherwise: stored arrays are made anew. */
  readonly version: number
  create(params: P): TextTransform
}

export type TransformKind = TransformParts<Record<string, ConfigValue>>

export function defineTransform<const F extends Fields>(
  kind: TransformParts<InferFields<F>> & { readonly fields: F },
): TransformKind {
  return kind as unknown as TransformKind // params were parsed by the same fields
}
