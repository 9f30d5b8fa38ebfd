import { tokenArray } from '../../tokenArray.ts'
import type { Tokenizer } from '../defineTokenizer.ts'
import { tokenFinder, type AddedToken } from './addedTokens.ts'
import { alignNormalized } from './alignment.ts'
import type { Cutting } from './cuttings.ts'
import { lastWordBreak } from './scanWords.ts'
import { remembering, type WordModel } from './wordModel.ts'

/** What a tokenizer of parts of words is made of; each part is as the file of Hugging Face describes it. */
export interface SubwordParts {
  readonly vocabSize: number
  readonly unknownId: number | null
  readonly added: readonly AddedToken[]
  /** null leaves the text as it is. */
  readonly normalize: ((text: string) => string) | null
  readonly cutting: Cutting
  readonly model: WordModel
  readonly decode: (ids: ArrayLike<number>) => string
}

type TakeToken = (id: number, end: number) => void

/** Text to tokens: added tokens are taken out, the rest is normalised, cut into words, and these into tokens. */
export function subwordTokenizer(parts: SubwordParts): Tokenizer {
  const { vocabSize, unknownId, added, normalize, cutting, decode } = parts
  const { hasPrefixSpace, scan, breaks } = cutting
  const model = remembering(parts.model)
  const raw = added.filter(({ isNormalized }) => !isNormalized)
  const normalized = added
    .filter(({ isNormalized }) => isNormalized)
    .map((token) => ({ token, content: normalize ? normalize(token.content) : token.content }))
    .filter(({ content }) => content !== '')
  const findRaw = tokenFinder(raw.map((token) => ({ token, content: token.content })))
  const findNormalized = tokenFinder(normalized)
  // What follows may still belong to these.
  const isHolding =
    added.some(({ stripsRight, content }) => stripsRight || /\s/.test(content)) ||
    normalized.some(({ content }) => /\s/.test(content))

  /** Ends are only right where `isAligned`, which costs time. */
  const walk = (text: string, isAligned: boolean, take: TakeToken) => {
    for (const stretch of findRaw(text)) {
      if (stretch.id === null) walkPlain(text.slice(stretch.from, stretch.to), stretch.from, isAligned, take)
      else take(stretch.id, stretch.to)
    }
  }
  const walkPlain = (own: string, offset: number, isAligned: boolean, take: TakeToken) => {
    const aligned = isAligned && normalize ? alignNormalized(own, normalize) : null
    const text = aligned?.text ?? (normalize ? normalize(own) : own)
    const placeOf = (at: number) => offset + (aligned === null ? at : aligned.places[at]!)
    for (const { from, to, id } of findNormalized(text)) {
      if (id !== null) {
        take(id, placeOf(to))
        continue
      }
      const isPrefixed = hasPrefixSpace && text[from] !== ' '
      const words = (isPrefixed ? ' ' : '') + text.slice(from, to)
      const shift = from - (isPrefixed ? 1 : 0)
      scan(words, (start, end) => {
        const tokens = model(words.slice(start, end))
        for (let i = 0; i < tokens.length; i += 2)
          take(tokens[i]!, placeOf(Math.max(from, shift + start + tokens[i + 1]!)))
      })
    }
  }

  return {
    vocabSize,
    unknownId,
    encode(text) {
      let ids = new Int32Array(Math.ceil(text.length / 3) + 16)
      let length = 0
      walk(text, false, (id) => {
        if (length === ids.length) {
          const larger = new Int32Array(2 * length)
          larger.set(ids)
          ids = larger
        }
        ids[length++] = id
      })
      const out = tokenArray(vocabSize, length)
      out.set(ids.subarray(0, length))
      return out
    },
    decode,
    tokenEnds(text) {
      const ends: number[] = []
      walk(text, true, (_, end) => ends.push(end))
      return ends
    },
    unknownIn(text) {
      const unknown = new Set<string>()
      let before = 0
      walk(text, true, (id, end) => {
        if (id === unknownId) for (const character of text.slice(before, end).trim()) unknown.add(character)
        before = end
      })
      return [...unknown]
    },
    settledLength(text) {
      if (isHolding || breaks === 'never') return 0
      return lastWordBreak(text, hasPrefixSpace || breaks === 'blank')
    },
  }
}
