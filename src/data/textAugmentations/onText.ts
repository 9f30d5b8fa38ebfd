import type { Draw } from '../augmentations/defineAugmentation.ts'
import type { TextSetting } from './defineTextAugmentation.ts'

/**
 * A change of words rather than of tokens: of what the tokens say, which is then encoded anew by the same tokenizer.
 * @param change `knows` tells whether the tokenizer has tokens for all of a word
 */
export function onText<P>(
  change: (text: string, params: P, draw: Draw, knows: (word: string) => boolean) => string,
) {
  return (tokens: Int32Array, params: P, draw: Draw, { tokenizer, most }: TextSetting): Int32Array => {
    const text = tokenizer.decode([...tokens])
    const changed = change(text, params, draw, (word) => tokenizer.unknownIn(word).length === 0)
    // Tokens that a tokenizer would not have made of their own text stay as they are.
    if (changed === text) return tokens
    const encoded = Int32Array.from(tokenizer.encode(changed).subarray(0, most))
    return encoded.length > 0 ? encoded : tokens
  }
}
