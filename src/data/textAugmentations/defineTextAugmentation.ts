import type { CatalogEntry } from '../../core/catalog.ts'
import type { ConfigValue, Fields, InferFields } from '../../core/schema.ts'
import type { Draw } from '../augmentations/defineAugmentation.ts'
import type { Tokenizer } from '../tokenizers/defineTokenizer.ts'
import type { Ordered } from '../orderedRegistry.ts'
import type { Weakenable } from '../severity.ts'

/** What is known of the tokens. */
export interface TextSetting {
  readonly vocabSize: number
  readonly tokenizer: Pick<Tokenizer, 'encode' | 'decode' | 'unknownIn'>
  /** So many tokens have room. */
  readonly most: number
}

interface TextAugmentationParts<P> extends CatalogEntry, Ordered, Weakenable<P> {
  readonly id: string
  /**
   * At least one token, and no more than before or than have room.
   * @param tokens at least one
   * @param draw numbers of this text and augmentation; one index gives one number
   */
  apply(tokens: Int32Array, params: P, draw: Draw, setting: TextSetting): Int32Array
}

export type TextAugmentation = TextAugmentationParts<Record<string, ConfigValue>>

export function defineTextAugmentation<const F extends Fields>(
  augmentation: TextAugmentationParts<InferFields<F>> & { readonly fields: F },
): TextAugmentation {
  return augmentation as unknown as TextAugmentation // params were parsed by the same fields
}

/** Share of the tokens that an augmentation changes. */
export function rateField(rate: number, help: string) {
  return { type: 'number', label: 'Rate', help, default: rate, min: 0, max: 1, step: 0.01 } as const
}
