import { createOrderedRegistry } from '../orderedRegistry.ts'
import type { TokenizerRecord } from '../../core/prepared.ts'
import type { Tokenizer, TokenizerKind } from './defineTokenizer.ts'

export const tokenizers = createOrderedRegistry<TokenizerKind>(
  'tokenizers',
  import.meta.glob<{ default: TokenizerKind }>(
    ['./*.ts', '!./*.test.ts', '!./registry.ts', '!./defineTokenizer.ts'],
    {
      eager: true,
    },
  ),
)

/** A trained tokenizer from its record. Throws `unknown-name` or `bad-tokenizer`. */
export function createTokenizer(record: TokenizerRecord): Tokenizer {
  return tokenizers.get(record.kind).create(record.state)
}
