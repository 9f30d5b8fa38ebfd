import type { Coding, Part } from '../core/prepared.ts'
import { noToken } from './textTokens.ts'
import { createTokenizer } from './tokenizers/registry.ts'

/** A text of an item, as its tokens have it: what it is read by, or what is to be written of it; null where there is none. */
export function textAt(
  { arrays, count }: Part,
  place: number,
  { tokenizer }: Coding,
  name: 'texts' | 'targetTexts',
): string | null {
  const texts = arrays[name]
  if (texts === undefined || tokenizer === null) return null
  const length = texts.length / count
  const tokens = texts.subarray(place * length, (place + 1) * length)
  return createTokenizer(tokenizer).decode(tokens.filter((token) => token !== noToken))
}
