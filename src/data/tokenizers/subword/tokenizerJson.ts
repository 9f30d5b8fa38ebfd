import { showValue } from '../../../core/showValue.ts'
import type { AddedToken } from './addedTokens.ts'
import { byteMerger } from './byteMerger.ts'
import { decodeBytes, decodeWords } from './decoding.ts'
import { broken, flag, otherTokenizer, record, text, unsupported } from './jsonParts.ts'
import { readNormalizer } from './readNormalizer.ts'
import { readCutting } from './readCutting.ts'
import type { SubwordParts } from './subwordTokenizer.ts'
import { wordPieces } from './wordPieces.ts'

/** Tokens of the largest vocabulary that is read, and the highest id. */
export const mostVocabulary = 1_000_000
/** Words of WordPiece may be so long: longer ones would take the square of it. */
const longestWordLimit = 1000

/**
 * Parts of a tokenizer from the content of a `tokenizer.json` of Hugging Face's `tokenizers`: byte-level BPE or WordPiece.
 * What works on whole batches (padding, truncation) and what adds tokens around a text (post-processors) is not looked at.
 * https://huggingface.co/docs/tokenizers
 * @throws DataError `bad-tokenizer` where it is broken, `tokenizer-unsupported` where it holds a part that is not read
 */
export function readTokenizerJson(value: unknown): SubwordParts {
  const file = record(value, 'the file')
  const model = record(file['model'], 'model')
  // Files of before 2020 leave it out.
  const type = model['type'] ?? (Array.isArray(model['merges']) ? 'BPE' : 'WordPiece')
  if (type !== 'BPE' && type !== 'WordPiece') {
    throw unsupported(
      'model.type',
      type,
      'Byte-level BPE and WordPiece are read: take a tokenizer of one of these.',
    )
  }
  const ids = readVocabulary(model['vocab'])
  const added = readAdded(file['added_tokens'])
  const tokens = tokensById(ids, added)
  const cutting = readCutting(file['pre_tokenizer'])
  const normalize = readNormalizer(file['normalizer'])
  const common = { vocabSize: tokens.length, added, normalize, cutting: cutting.cutting }
  if (type === 'WordPiece') {
    if (cutting.isByteLevel) throw unsupported('pre_tokenizer', 'ByteLevel with WordPiece', otherTokenizer)
    const continuation = text(model['continuing_subword_prefix'], '##', 'model.continuing_subword_prefix')
    const longestWord = model['max_input_chars_per_word'] ?? 100
    if (!isWhole(longestWord, longestWordLimit) || longestWord === 0) {
      throw broken(`model.max_input_chars_per_word must be from 1 to ${longestWordLimit}`, longestWord)
    }
    const unknownId = idOf(ids, model['unk_token'] ?? '[UNK]')
    return {
      ...common,
      unknownId,
      model: wordPieces({ ids, unknownId, continuation, longestWord }),
      decode: decodeWords(tokens, readWordDecoder(file['decoder'])),
    }
  }
  if (!cutting.isByteLevel) throw unsupported('pre_tokenizer', 'BPE without ByteLevel', otherTokenizer)
  for (const name of ['continuing_subword_prefix', 'end_of_word_suffix', 'dropout', 'byte_fallback']) {
    const got = model[name] ?? null
    if (got !== null && got !== '' && got !== false && got !== 0)
      throw unsupported(`model.${name}`, got, otherTokenizer)
  }
  const unknownId = (model['unk_token'] ?? null) === null ? null : idOf(ids, model['unk_token'])
  return {
    ...common,
    unknownId,
    model: byteMerger({
      ids,
      merges: readMerges(model['merges'], ids),
      unknownId,
      isFusing: flag(model['fuse_unk'], false, 'model.fuse_unk'),
      isWhole: flag(model['ignore_merges'], false, 'model.ignore_merges'),
    }),
    decode: decodeBytes(tokens, new Set(added.map(({ id }) => id))),
  }
}

function isWhole(value: unknown, most: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most
}

function idOf(ids: ReadonlyMap<string, number>, token: unknown): number {
  const id = typeof token === 'string' ? ids.get(token) : undefined
  if (id === undefined) throw broken('model.unk_token must be in the vocabulary', token)
  return id
}

function readVocabulary(value: unknown): Map<string, number> {
  const entries = Object.entries(record(value, 'model.vocab'))
  if (entries.length === 0 || entries.length > mostVocabulary)
    throw broken(`model.vocab must hold 1 to ${mostVocabulary} tokens`, entries.length)
  for (const [token, id] of entries) {
    if (!isWhole(id, mostVocabulary - 1))
      throw broken(`the id of ${showValue(token)} must be a whole number`, id)
  }
  return new Map(entries as [string, number][])
}

function readAdded(value: unknown): AddedToken[] {
  const list = value ?? []
  if (!Array.isArray(list) || list.length > mostVocabulary) throw broken('added_tokens must be a list', value)
  return list.map((entry: unknown, i): AddedToken => {
    const where = `added_tokens[${i}]`
    const token = record(entry, where)
    const { id, content } = token
    if (!isWhole(id, mostVocabulary - 1)) throw broken(`${where}.id must be a whole number`, id)
    if (typeof content !== 'string' || content === '')
      throw broken(`${where}.content must be a text`, content)
    const isSpecial = flag(token['special'], false, `${where}.special`)
    return {
      id,
      content,
      isSpecial,
      isWord: flag(token['single_word'], false, `${where}.single_word`),
      stripsLeft: flag(token['lstrip'], false, `${where}.lstrip`),
      stripsRight: flag(token['rstrip'], false, `${where}.rstrip`),
      isNormalized: flag(token['normalized'], !isSpecial, `${where}.normalized`),
    }
  })
}

/** Every token by its id; an id that none has is empty. */
function tokensById(ids: ReadonlyMap<string, number>, added: readonly AddedToken[]): (string | undefined)[] {
  const tokens: (string | undefined)[] = []
  const put = (token: string, id: number) => {
    const known = tokens[id]
    if (known !== undefined && known !== token)
      throw broken(`each id must be of one token, ${id} is of two`, `${known} and ${token}`)
    while (tokens.length < id) tokens.push(undefined)
    tokens[id] = token
  }
  ids.forEach((id, token) => put(token, id))
  for (const { id, content } of added) {
    if (ids.has(content) && ids.get(content) !== id)
      throw broken(`the added token ${showValue(content)} must have the id of the vocabulary`, id)
    put(content, id)
  }
  return tokens
}

function readMerges(value: unknown, ids: ReadonlyMap<string, number>): [string, string][] {
  if (!Array.isArray(value) || value.length > 2 * mostVocabulary)
    throw broken('model.merges must be a list', value)
  return value.map((entry: unknown, i) => {
    const pair = typeof entry === 'string' ? entry.split(' ') : entry
    const isPair = Array.isArray(pair) && pair.length === 2 && pair.every((part) => typeof part === 'string')
    if (!isPair) throw broken(`model.merges[${i}] must be two tokens`, entry)
    const [left, right] = pair as [string, string]
    for (const token of [left, right, left + right])
      if (!ids.has(token)) throw broken(`model.merges[${i}] must be of tokens of the vocabulary`, token)
    return [left, right]
  })
}

function readWordDecoder(value: unknown): { prefix: string; isCleaned: boolean } {
  // Without one the tokens stand as they are.
  if ((value ?? null) === null) return { prefix: '', isCleaned: false }
  const decoder = record(value, 'decoder')
  if (decoder['type'] !== 'WordPiece') throw unsupported('decoder', decoder['type'], otherTokenizer)
  return {
    prefix: text(decoder['prefix'], '##', 'decoder.prefix'),
    isCleaned: flag(decoder['cleanup'], true, 'decoder.cleanup'),
  }
}
