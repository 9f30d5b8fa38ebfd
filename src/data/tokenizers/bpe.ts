import { settledPieces } from '../settledPieces.ts'
import { defineTokenizer, type LearningHooks } from './defineTokenizer.ts'
import { minCountField } from './subword/minCountField.ts'
import { letterOfByte } from './subword/byteAlphabet.ts'
import { countWords, wordTable } from './subword/countWords.ts'
import { learnMerges } from './subword/learnMerges.ts'
import { lastWordBreak, scanGpt2 } from './subword/scanWords.ts'
import { subwordTokenizer } from './subword/subwordTokenizer.ts'
import { readTokenizerJson } from './subword/tokenizerJson.ts'
import { addedToken, tokenizerJson } from './subword/writeTokenizerJson.ts'

export interface BpeParams {
  readonly vocabSize: number
  readonly minCount: number
}

/** Parts of words, learned by merging bytes: GPT-2's way, and its file. */
export default defineTokenizer({
  id: 'bpe',
  order: 3,
  version: 1,
  learnsFrom: 'training',
  hasSpecial: true,
  title: 'Parts of words (BPE)',
  summary:
    'Byte-pair encoding as of GPT-2: common words are one token, rare ones several, and no text is unknown.',
  link: 'https://arxiv.org/abs/1508.07909',
  fields: {
    vocabSize: {
      type: 'int',
      label: 'Vocabulary',
      help: 'Tokens in all, 256 of them single bytes. More make texts shorter and the model larger.',
      default: 2048,
      min: 256,
      max: 65536,
      scale: 'log',
      unit: 'tokens',
    },
    minCount: minCountField,
  },
  train: (pieces, params, hooks) => trainBpe(pieces, params, hooks?.special ?? [], hooks),
  create: (state) => subwordTokenizer(readTokenizerJson(state)),
})

/**
 * A byte-level BPE as the content of a `tokenizer.json`. `special` tokens have the first ids, the bytes follow in the order
 * of their letters. A word of the training text longer than 1,024 characters counts as several.
 */
export async function trainBpe(
  pieces: AsyncIterable<string>,
  { vocabSize, minCount }: BpeParams,
  special: readonly string[],
  hooks: LearningHooks = {},
): Promise<object> {
  const counts = await countWords(settledPieces(pieces, lastWordBreak), scanGpt2)
  const first = [...special, ...[...letterOfByte].sort()]
  const ids = letterOfByte.map((letter) => first.indexOf(letter, special.length))
  const encoder = new TextEncoder()
  const table = wordTable(counts, (word) => Array.from(encoder.encode(word), (byte) => ids[byte]!))
  const learned = await learnMerges(table, { tokens: first, vocabSize, minCount, continuation: '', ...hooks })
  return tokenizerJson({
    added: special.map(addedToken),
    normalizer: null,
    pre_tokenizer: byteLevel,
    decoder: byteLevel,
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(learned.tokens.map((token, id) => [token, id])),
      merges: learned.merges.map(([left, right]) => `${learned.tokens[left]} ${learned.tokens[right]}`),
    },
  })
}

const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true }
