import type { TokenizerRecord } from '../core/prepared.ts'
import type { Tokenizer } from './tokenizers/defineTokenizer.ts'
import { createTokenizer } from './tokenizers/registry.ts'

const made = new WeakMap<TokenizerRecord, Tokenizer>()

/** The tokenizer of a record, made once: for what is asked with every batch. */
export function tokenizerOf(record: TokenizerRecord): Tokenizer {
  const tokenizer = made.get(record) ?? createTokenizer(record)
  made.set(record, tokenizer)
  return tokenizer
}
