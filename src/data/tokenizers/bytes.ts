import { defineTokenizer } from './defineTokenizer.ts'

const encoder = new TextEncoder()

/** One token a byte of UTF-8. */
export default defineTokenizer({
  id: 'bytes',
  order: 1,
  version: 1,
  title: 'Bytes',
  summary: 'One token for each byte of UTF-8: always 256 tokens, and no text is unknown.',
  learnsFrom: 'all',
  fields: {},
  train: () => Promise.resolve({}),
  create: () => ({
    vocabSize: 256,
    unknownId: null,
    encode: (text) => encoder.encode(text),
    // A damaged sequence, such as one that sampling has not finished yet, reads as U+FFFD. 0xFF stands in for ids
    // that there are not: it occurs in no UTF-8.
    decode: (tokens) =>
      new TextDecoder('utf-8', { ignoreBOM: true }).decode(
        Uint8Array.from(tokens, (id) => (Number.isInteger(id) && id >= 0 && id < 256 ? id : 0xff)),
      ),
    tokenEnds(text) {
      const ends: number[] = []
      let end = 0
      for (const character of text) {
        const bytes = encoder.encode(character).length
        for (let i = 1; i < bytes; i++) ends.push(end)
        end += character.length
        ends.push(end)
      }
      return ends
    },
    unknownIn: () => [],
    settledLength: (text) => text.length,
  }),
})
