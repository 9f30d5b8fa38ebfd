import { tokenArray } from '../tokenArray.ts'
import { badTokenizer, defineTokenizer, type Tokenizer } from './defineTokenizer.ts'

const codePoints = 0x110000

interface CharactersState {
  /** One token each, sorted by code point: its place is its id. */
  characters: string
  /** Whether one more id, the last, stands for every other character. */
  hasUnknown: boolean
}

/** One token a Unicode code point. */
export default defineTokenizer({
  id: 'characters',
  order: 0,
  version: 1,
  title: 'Characters',
  summary:
    'One token for each character that occurs: a small vocabulary, long sequences, nothing to learn first.',
  learnsFrom: 'all',
  fields: {
    maxVocabSize: {
      type: 'int',
      label: 'Most tokens',
      help: 'Where a text has more kinds of characters, the rarest ones share one unknown token.',
      default: 4096,
      min: 2,
      max: 65536,
      scale: 'log',
      unit: 'tokens',
      isAdvanced: true,
    },
  },
  async train(pieces, { maxVocabSize }) {
    const counts = new Float64Array(codePoints)
    for await (const piece of pieces) {
      for (let i = 0; i < piece.length; i++) {
        const code = piece.codePointAt(i)!
        if (code > 0xffff) i++
        counts[code]!++
      }
    }
    let known: number[] = []
    for (let code = 0; code < codePoints; code++) if (counts[code]! > 0) known.push(code)
    const hasUnknown = known.length > maxVocabSize
    if (hasUnknown) {
      known = known
        .sort((a, b) => counts[b]! - counts[a]! || a - b)
        .slice(0, maxVocabSize - 1)
        .sort((a, b) => a - b)
    }
    const characters = known.map((code) => String.fromCodePoint(code)).join('')
    return { characters, hasUnknown } satisfies CharactersState
  },
  create: (state) => createCharacters(parseState(state)),
})

function parseState(state: unknown): CharactersState {
  const record = typeof state === 'object' && state !== null ? (state as Record<string, unknown>) : {}
  const { characters, hasUnknown } = record
  if (typeof characters !== 'string' || typeof hasUnknown !== 'boolean') {
    throw badTokenizer('characters', 'its state must hold characters and hasUnknown', state)
  }
  let before = -1
  for (const character of characters) {
    const code = character.codePointAt(0)!
    if (code <= before)
      throw badTokenizer('characters', 'its characters must be distinct and sorted', character)
    before = code
  }
  return { characters, hasUnknown }
}

function createCharacters({ characters, hasUnknown }: CharactersState): Tokenizer {
  const list = Array.from(characters)
  const vocabSize = list.length + (hasUnknown ? 1 : 0)
  const unknownId = hasUnknown ? list.length : -1
  const highest = list.at(-1)?.codePointAt(0) ?? 0
  const ids = new Int32Array(highest + 1).fill(unknownId)
  list.forEach((character, id) => (ids[character.codePointAt(0)!] = id))
  const idOf = (code: number) => (code <= highest ? ids[code]! : unknownId)

  return {
    vocabSize,
    unknownId: hasUnknown ? unknownId : null,
    encode(text) {
      const out = tokenArray(vocabSize, text.length)
      let length = 0
      for (let i = 0; i < text.length; i++) {
        const code = text.codePointAt(i)!
        if (code > 0xffff) i++
        const id = idOf(code)
        if (id >= 0) out[length++] = id
      }
      return length === out.length ? out : out.slice(0, length)
    },
    decode: (tokens) => Array.from(tokens, (id) => list[id] ?? '\uFFFD').join(''),
    tokenEnds(text) {
      const ends: number[] = []
      for (let i = 0; i < text.length; i++) {
        const code = text.codePointAt(i)!
        if (code > 0xffff) i++
        if (idOf(code) >= 0) ends.push(i + 1)
      }
      return ends
    },
    unknownIn(text) {
      const known = new Set(list)
      return [...new Set(text)].filter((character) => !known.has(character))
    },
    settledLength: (text) => text.length,
  }
}
