import type { Coding, Part } from '../core/prepared.ts'
import type { DataConfig } from '../core/runConfig.ts'
import { augmentText } from './textAugmentations/augmentText.ts'
import { noToken } from './textTokens.ts'
import { tokenizerOf } from './tokenizerOf.ts'

/** Among so many items the one with the longest text is shown. */
const looked = 20

/** A text that a change can be seen in. */
export interface ShownText {
  readonly tokens: Int32Array
  /** So many have room. */
  readonly most: number
  readonly coding: Coding
}

/** null where items have no texts. */
export function textToShow({ arrays, count }: Part, coding: Coding): ShownText | null {
  const { texts } = arrays
  if (texts === undefined || coding.tokenizer === null || count === 0) return null
  const most = texts.length / count
  const rows = Array.from({ length: Math.min(looked, count) }, (_, place) =>
    Int32Array.from(texts.subarray(place * most, (place + 1) * most)).filter((token) => token !== noToken),
  )
  const tokens = rows.reduce((longest, row) => (row.length > longest.length ? row : longest))
  return tokens.length === 0 ? null : { tokens, most, coding }
}

/** A text as its tokens have it, then as the next `count` updates would read it. */
export function previewTexts(
  { tokens, most, coding }: ShownText,
  { textAugmentations }: Pick<DataConfig, 'textAugmentations'>,
  { seed, count }: { seed: number; count: number },
): string[] {
  const tokenizer = tokenizerOf(coding.tokenizer!)
  const setting = { seed, row: 0, vocabSize: tokenizer.vocabSize, tokenizer, most }
  const changed = Array.from({ length: count }, (_, step) =>
    augmentText(tokens, textAugmentations, { ...setting, step }),
  )
  return [tokens, ...changed].map((own) => tokenizer.decode([...own]))
}
