import { badTokenizer, defineTokenizer, type Tokenizer } from './defineTokenizer.ts'
import { settledPieces } from '../settledPieces.ts'
import { tokenArray } from '../tokenArray.ts'

interface WordsState {
  /** The commonest first; id 0 is what is not among them, and the first word has id 1. */
  readonly words: readonly string[]
  readonly isLowercase: boolean
}

const unknownId = 0
/** Letters with their marks, digits, or one sign; white space only parts them. */
const pattern = /[\p{L}\p{M}]+|\p{N}+|[^\s\p{L}\p{M}\p{N}]/gu

/** Words as they stand, numbers and signs: short sequences for captions, names and reviews. */
export default defineTokenizer({
  id: 'words',
  order: 2,
  version: 2,
  learnsFrom: 'all',
  title: 'Words',
  summary: 'One token a word, number or sign; rare ones share one token. White space is not kept.',
  fields: {
    maxVocabSize: {
      type: 'int',
      label: 'Largest vocabulary',
      help: 'Rarer words than so many are all the same to the model.',
      default: 8192,
      min: 2,
      max: 65536,
      scale: 'log',
    },
    minCount: {
      type: 'int',
      label: 'Least count',
      help: 'A word that stands less often in the text is taken as unknown.',
      default: 1,
      min: 1,
      max: 1000,
      isAdvanced: true,
    },
    isLowercase: {
      type: 'bool',
      label: 'Lower case',
      help: 'Takes “Red” and “red” as one word.',
      default: true,
    },
  },
  async train(pieces, { maxVocabSize, minCount, isLowercase }) {
    const counts = new Map<string, number>()
    const count = (text: string) => {
      for (const [word] of cased(text, isLowercase).matchAll(pattern))
        counts.set(word, (counts.get(word) ?? 0) + 1)
    }
    for await (const stretch of settledPieces(pieces, lastSpace)) count(stretch)
    const words = [...counts]
      .filter(([, times]) => times >= minCount)
      .sort(([a, timesA], [b, timesB]) => timesB - timesA || (a < b ? -1 : 1))
      .slice(0, maxVocabSize - 1)
      .map(([word]) => word)
    return { words, isLowercase } satisfies WordsState
  },
  create: (state) => createWords(parseState(state)),
})

/** Behind the last white space: no word goes on over it. */
function lastSpace(text: string): number {
  let cut = text.length
  while (cut > 0 && !/\s/.test(text[cut - 1]!)) cut--
  return cut
}

/** Not by the browser's language, which would give other tokens in Turkey. */
function cased(text: string, isLowercase: boolean): string {
  return isLowercase ? text.toLowerCase() : text
}

function parseState(state: unknown): WordsState {
  const record = typeof state === 'object' && state !== null ? (state as Record<string, unknown>) : {}
  const { words, isLowercase } = record
  const areWords = Array.isArray(words) && words.every((word) => typeof word === 'string' && word !== '')
  if (!areWords || typeof isLowercase !== 'boolean')
    throw badTokenizer('words', 'its state must hold words and isLowercase', state)
  if (new Set(words).size !== words.length)
    throw badTokenizer('words', 'its words must be distinct', words.length)
  return { words: words as string[], isLowercase }
}

function createWords({ words, isLowercase }: WordsState): Tokenizer {
  const ids = new Map(words.map((word, i) => [word, i + 1]))
  const vocabSize = words.length + 1
  const found = (text: string) => [...text.matchAll(pattern)]
  const idOf = (word: string) => ids.get(cased(word, isLowercase)) ?? unknownId
  return {
    vocabSize,
    unknownId,
    encode(text) {
      const own = found(text)
      const out = tokenArray(vocabSize, own.length)
      own.forEach(([word], i) => (out[i] = idOf(word)))
      return out
    },
    decode: (tokens) => Array.from(tokens, (id) => words[id - 1] ?? '\uFFFD').join(' '),
    tokenEnds: (text) => found(text).map((match) => match.index + match[0].length),
    unknownIn: (text) => [
      ...new Set(found(text).flatMap(([word]) => (idOf(word) === unknownId ? Array.from(word) : []))),
    ],
    settledLength: lastSpace,
  }
}
