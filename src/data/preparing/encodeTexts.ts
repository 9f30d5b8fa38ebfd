import type { DataFacts } from '../../core/dataFacts.ts'
import type { ItemArray, TokenArray, TokenizerRecord } from '../../core/prepared.ts'
import type { StepValue } from '../../core/stepValue.ts'
import { mostTokens, noToken } from '../textTokens.ts'
import { defineStep } from '../steps/defineStep.ts'
import { tokenArray } from '../tokenArray.ts'
import { createTokenizer } from '../tokenizers/registry.ts'
import type { ItemTexts } from './learnTextsTokenizer.ts'

/** Tokens of one text each, end to end. */
interface TokenLists {
  readonly tokens: TokenArray
  /** [N] */
  readonly lengths: Int32Array
}

export interface EncodedTexts {
  readonly vocabSize: number
  readonly own: TokenLists
  readonly written: TokenLists | null
  /** [N], equal where the texts are. */
  readonly ids: Int32Array
}

/** Texts of all items as tokens, `mostTokens` of each at most. A text without tokens is taken as token 0, so that none is empty. */
export default defineStep<
  null,
  { texts: ItemTexts | null; tokenizer: TokenizerRecord | null },
  EncodedTexts | null
>({
  id: 'texts/tokens',
  title: 'Tokens of the texts',
  version: 1,
  codec: { pack, unpack },
  run({ inputs: { texts, tokenizer: record } }) {
    return texts === null || record === null ? null : encodeItemTexts(texts, record)
  },
})

export function encodeItemTexts(
  { texts, targets }: Pick<ItemTexts, 'texts' | 'targets'>,
  record: TokenizerRecord,
): EncodedTexts {
  const tokenizer = createTokenizer(record)
  const encode = (list: readonly string[]): TokenLists => {
    const coded = list.map((text) => {
      const tokens = tokenizer.encode(text)
      return tokens.length > 0 ? tokens.subarray(0, mostTokens) : Uint8Array.of(0)
    })
    const lengths = Int32Array.from(coded, ({ length }) => length)
    const tokens = tokenArray(
      tokenizer.vocabSize,
      lengths.reduce((sum, length) => sum + length, 0),
    )
    let at = 0
    for (const own of coded) {
      tokens.set(own, at)
      at += own.length
    }
    return { tokens, lengths }
  }
  const known = new Map<string, number>()
  const ids = Int32Array.from(texts, (text) => {
    const id = known.get(text) ?? known.size
    known.set(text, id)
    return id
  })
  return {
    vocabSize: tokenizer.vocabSize,
    own: encode(texts),
    written: targets === null ? null : encode(targets),
    ids,
  }
}

export interface TextRows {
  readonly facts: Pick<DataFacts, 'vocabSize' | 'textTokens' | 'targetTokens'>
  /**
   * `texts` [N, L], each as its tokens and then `noToken`, L those of the longest; `textIds` [N]; `targetTexts` [N, Lt] in
   * the same way as `texts`, where there are some.
   */
  arraysOf(places: Int32Array): Record<string, ItemArray>
}

export function textRows({ vocabSize, own, written, ids }: EncodedTexts): TextRows {
  const ownRows = rowsOf(own)
  const writtenRows = written === null ? null : rowsOf(written)
  return {
    facts: {
      vocabSize,
      textTokens: ownRows.longest,
      ...(writtenRows === null ? {} : { targetTokens: writtenRows.longest }),
    },
    arraysOf: (places) => ({
      texts: ownRows.at(places),
      textIds: places.map((place) => ids[place]!),
      ...(writtenRows === null ? {} : { targetTexts: writtenRows.at(places) }),
    }),
  }
}

function rowsOf({ tokens, lengths }: TokenLists): { longest: number; at(places: Int32Array): Int32Array } {
  const longest = lengths.reduce((most, length) => Math.max(most, length), 1)
  const starts = new Float64Array(lengths.length)
  for (let item = 1; item < lengths.length; item++) starts[item] = starts[item - 1]! + lengths[item - 1]!
  return {
    longest,
    at(places) {
      const rows = new Int32Array(places.length * longest).fill(noToken)
      places.forEach((place, item) => {
        const start = starts[place]!
        rows.set(tokens.subarray(start, start + lengths[place]!), item * longest)
      })
      return rows
    },
  }
}

function pack(value: EncodedTexts | null): StepValue {
  if (value === null) return { json: null, arrays: {} }
  const { vocabSize, own, written, ids } = value
  return {
    json: { vocabSize },
    arrays: {
      ids,
      tokens: own.tokens,
      lengths: own.lengths,
      ...(written === null ? {} : { writtenTokens: written.tokens, writtenLengths: written.lengths }),
    },
  }
}

function unpack({ json, arrays }: StepValue): EncodedTexts | null {
  if (json === null) return null
  const { ids, tokens, lengths, writtenTokens, writtenLengths } = arrays
  return {
    vocabSize: (json as EncodedTexts).vocabSize,
    own: { tokens: tokens as TokenArray, lengths: lengths as Int32Array },
    written:
      writtenTokens === undefined
        ? null
        : { tokens: writtenTokens as TokenArray, lengths: writtenLengths as Int32Array },
    ids: ids as Int32Array,
  }
}
