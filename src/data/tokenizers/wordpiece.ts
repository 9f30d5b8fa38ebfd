import { settledPieces } from '../settledPieces.ts'
import { defineTokenizer, type LearningHooks } from './defineTokenizer.ts'
import { minCountField } from './subword/minCountField.ts'
import { normalizeBert, scanBert } from './subword/bertText.ts'
import { countWords, wordTable } from './subword/countWords.ts'
import { learnMerges } from './subword/learnMerges.ts'
import { lastWordBreak } from './subword/scanWords.ts'
import { subwordTokenizer } from './subword/subwordTokenizer.ts'
import { readTokenizerJson } from './subword/tokenizerJson.ts'
import { addedToken, tokenizerJson } from './subword/writeTokenizerJson.ts'

export interface WordPieceParams {
  readonly vocabSize: number
  readonly minCount: number
  readonly maxCharacters: number
  readonly isLowercase: boolean
  readonly stripsAccents: boolean
}

export const unknownToken = '[UNK]'
const continuation = '##'

/** Parts of words as BERT has them, and its file. */
export default defineTokenizer({
  id: 'wordpiece',
  order: 4,
  version: 1,
  learnsFrom: 'training',
  hasSpecial: true,
  title: 'Parts of words (WordPiece)',
  summary:
    'As of BERT: words and their endings, without white space and, if wanted, without capitals and accents.',
  link: 'https://arxiv.org/abs/1609.08144',
  fields: {
    vocabSize: {
      type: 'int',
      label: 'Vocabulary',
      help: 'Tokens in all, each character twice among them: as the first of a word and within one.',
      default: 4096,
      min: 64,
      max: 65536,
      scale: 'log',
      unit: 'tokens',
    },
    minCount: minCountField,
    maxCharacters: {
      type: 'int',
      label: 'Most characters',
      help: 'Of more kinds of characters the rarest are unknown, and the words that they are in.',
      default: 1000,
      min: 1,
      max: 30000,
      scale: 'log',
      isAdvanced: true,
    },
    isLowercase: {
      type: 'bool',
      label: 'Lower case',
      help: 'Takes “Red” and “red” as one word.',
      default: true,
    },
    stripsAccents: {
      type: 'bool',
      label: 'Without accents',
      help: 'Takes “café” and “cafe” as one word.',
      default: true,
    },
  },
  train: (pieces, params, hooks) =>
    trainWordPiece(pieces, params, [...new Set([...(hooks?.special ?? []), unknownToken])], hooks),
  create: (state) => subwordTokenizer(readTokenizerJson(state)),
})

/**
 * A WordPiece vocabulary as the content of a `tokenizer.json`, learned as Hugging Face's WordPieceTrainer does: the
 * commonest pair is merged, not the one of the highest likelihood. `special` tokens, `[UNK]` among them, have the first
 * ids; the characters follow, those at the beginning of words first, each by code point. Of equally common characters the
 * lower code point stays.
 */
export async function trainWordPiece(
  pieces: AsyncIterable<string>,
  params: WordPieceParams,
  special: readonly string[],
  hooks: LearningHooks = {},
): Promise<object> {
  const { vocabSize, minCount, maxCharacters, isLowercase, stripsAccents } = params
  const normalization = { cleansText: true, partsChinese: true, stripsAccents, isLowercase }
  const normalized = async function* () {
    for await (const stretch of settledPieces(pieces, lastWordBreak))
      yield normalizeBert(stretch, normalization)
  }
  const counts = await countWords(normalized(), scanBert)
  const characters = commonest(counts, maxCharacters)
  const following = new Set<string>()
  for (const word of counts.keys())
    for (const character of Array.from(word).slice(1)) if (characters.has(character)) following.add(character)
  const byCode = (a: string, b: string) => a.codePointAt(0)! - b.codePointAt(0)!
  const first = [
    ...special,
    ...[...characters].sort(byCode),
    ...[...following].sort(byCode).map((character) => continuation + character),
  ]
  const ids = new Map(first.map((token, id) => [token, id]))
  const table = wordTable(counts, (word) =>
    Array.from(word).flatMap((character, i) => ids.get((i > 0 ? continuation : '') + character) ?? []),
  )
  const { tokens } = await learnMerges(table, { tokens: first, vocabSize, minCount, continuation, ...hooks })
  return tokenizerJson({
    added: special.map(addedToken),
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: stripsAccents,
      lowercase: isLowercase,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    decoder: { type: 'WordPiece', prefix: continuation, cleanup: false },
    model: {
      type: 'WordPiece',
      unk_token: unknownToken,
      continuing_subword_prefix: continuation,
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
    },
  })
}

/** The characters of words, but for the rarest. */
function commonest(counts: ReadonlyMap<string, number>, most: number): Set<string> {
  const ofCharacters = new Map<string, number>()
  for (const [word, count] of counts)
    for (const character of word) ofCharacters.set(character, (ofCharacters.get(character) ?? 0) + count)
  const sorted = [...ofCharacters].sort(
    ([a, countA], [b, countB]) => countB - countA || a.codePointAt(0)! - b.codePointAt(0)!,
  )
  return new Set(sorted.slice(0, most).map(([character]) => character))
}
