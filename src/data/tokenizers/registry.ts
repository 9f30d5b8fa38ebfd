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

/** A large vocabulary takes time to set up, and is asked for again and again: by each item that is shown, say. */
const made = new WeakMap<object, Map<string, Tokenizer>>()

/** A trained tokenizer from its record, whose state never changes. Throws `unknown-name` or `bad-tokenizer`. */
export function createTokenizer({ kind, state }: TokenizerRecord): Tokenizer {
  if (typeof state !== 'object' || state === null) return tokenizers.get(kind).create(state)
  const ofState = made.get(state) ?? new Map<string, Tokenizer>()
  const tokenizer = ofState.get(kind) ?? tokenizers.get(kind).create(state)
  made.set(state, ofState.set(kind, tokenizer))
  return tokenizer
}
