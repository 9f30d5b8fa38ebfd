import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defaultsOf, type ConfigValue } from '../../core/schema.ts'
import { settledPieces } from '../settledPieces.ts'
import { createTokenizer, tokenizers } from './registry.ts'

async function* piecesOf(text: string, length: number) {
  const characters = Array.from(text)
  for (let i = 0; i < characters.length; i += length) yield characters.slice(i, i + length).join('')
}

async function trained(kind: string, text: string, params: Record<string, ConfigValue> = {}, length = 7) {
  const spec = tokenizers.get(kind)
  const state = await spec.train(piecesOf(text, length), { ...defaultsOf(spec.fields), ...params })
  return { state, tokenizer: createTokenizer({ kind, state: JSON.parse(JSON.stringify(state)) as unknown }) }
}

const texts = fc.string({ unit: 'binary', minLength: 1 })
const hostileIds = fc.array(fc.oneof(fc.integer(), fc.double(), fc.constantFrom(NaN, -1, Infinity)))

it('offers characters first: it is what an unset choice falls to', () => {
  expect(tokenizers.all.map(({ id }) => id)).toEqual(['characters', 'bytes', 'words', 'bpe', 'wordpiece'])
})

describe.each(['characters', 'bytes', 'bpe'])('%s', (kind) => {
  it('decodes what it encoded, and its token ends cut the text into its tokens', async () => {
    const property = fc.asyncProperty(texts, async (text) => {
      const { tokenizer } = await trained(kind, text)
      const ids = tokenizer.encode(text)
      expect(tokenizer.decode(ids)).toBe(text)
      const ends = tokenizer.tokenEnds(text)
      expect(ends.length).toBe(ids.length)
      expect(ends.at(-1)).toBe(text.length)
      expect(ends.every((end, i) => end >= (ends[i - 1] ?? 0))).toBe(true)
      expect(Math.max(...ids)).toBeLessThan(tokenizer.vocabSize)
    })
    await fc.assert(property, { numRuns: 300, seed: 3 })
  })
})

describe.each(tokenizers.all.map(({ id }) => id))('%s', (kind) => {
  it('learns the same however the text is cut', async () => {
    const text = 'Zwölf 😀 Boxkämpfer '.repeat(5)
    expect((await trained(kind, text, {}, 1)).state).toEqual((await trained(kind, text, {}, 1000)).state)
  })

  it('never throws on any text or ids', async () => {
    const { tokenizer } = await trained(kind, 'abc')
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), hostileIds, (text, ids) => {
        expect(tokenizer.tokenEnds(text).length).toBe(tokenizer.encode(text).length)
        expect(typeof tokenizer.decode(ids)).toBe('string')
      }),
      { numRuns: 1000, seed: 4 },
    )
  })
})

describe.each(tokenizers.all.map(({ id }) => id))('%s', (kind) => {
  it('gives the same tokens of settled stretches as of the whole text', async () => {
    const { tokenizer } = await trained(kind, 'It was the best of times; it wasn’t the worst. '.repeat(20))
    const parts = fc.array(
      fc.constantFrom(
        'it',
        ' was',
        'n’t',
        "'ll",
        ' ',
        '\n',
        '\t',
        'é',
        'e',
        '\u0301',
        '12',
        '😀',
        '.',
        '\u0007',
      ),
    )
    const property = fc.asyncProperty(parts, fc.integer({ min: 1, max: 9 }), async (words, length) => {
      const text = words.join('')
      const ids: number[] = []
      for await (const stretch of settledPieces(piecesOf(text, length), (held) =>
        tokenizer.settledLength(held),
      ))
        ids.push(...tokenizer.encode(stretch))
      expect(ids).toEqual([...tokenizer.encode(text)])
    })
    await fc.assert(property, { numRuns: 200, seed: 5 })
  })
})

describe('characters', () => {
  it('numbers code points in their order', async () => {
    const { state, tokenizer } = await trained('characters', 'ba😀aé\n')
    expect(state).toEqual({ characters: '\nabé😀', hasUnknown: false })
    expect(Array.from(tokenizer.encode('a😀'))).toEqual([1, 4])
    expect(tokenizer.encode('a')).toBeInstanceOf(Uint8Array)
  })

  it('drops and names characters that it does not know, where there is no unknown token', async () => {
    const { tokenizer } = await trained('characters', 'abc')
    expect(Array.from(tokenizer.encode('a!b😀!'))).toEqual([0, 1])
    expect(tokenizer.unknownIn('a!b😀!')).toEqual(['!', '😀'])
    expect(tokenizer.decode([0, 99, 1])).toBe('a\uFFFDb')
  })

  it('gives the rarest characters one unknown token past the limit, the lower code points staying on a tie', async () => {
    const { state, tokenizer } = await trained('characters', 'aaabbecd', { maxVocabSize: 4 })
    expect(state).toEqual({ characters: 'abc', hasUnknown: true })
    expect(tokenizer.vocabSize).toBe(4)
    expect(Array.from(tokenizer.encode('adz'))).toEqual([0, 3, 3])
    expect(tokenizer.unknownIn('adz')).toEqual(['d', 'z'])
    expect(tokenizer.decode([3])).toBe('\uFFFD')
  })

  it('takes wider ids only as the vocabulary grows', async () => {
    const wide = Array.from({ length: 300 }, (_, i) => String.fromCodePoint(0x4e00 + i)).join('')
    expect((await trained('characters', wide)).tokenizer.encode('丁')).toBeInstanceOf(Uint16Array)
  })

  it.each([
    null,
    {},
    { characters: 'ba', hasUnknown: false },
    { characters: 'aa', hasUnknown: false },
    { characters: 5, hasUnknown: true },
  ])('refuses the state %j', (state) => {
    expect(() => createTokenizer({ kind: 'characters', state })).toThrow(
      expect.objectContaining({ code: 'bad-tokenizer' }) as Error,
    )
  })
})

it('bytes are those of UTF-8, and a token inside a character ends where the one before it does', () => {
  const tokenizer = createTokenizer({ kind: 'bytes', state: {} })
  expect(Array.from(tokenizer.encode('aé'))).toEqual([0x61, 0xc3, 0xa9])
  expect(tokenizer.tokenEnds('aé😀')).toEqual([1, 1, 2, 2, 2, 2, 4])
  expect(tokenizer.decode([0x61, 0xc3])).toBe('a\uFFFD')
})

describe('words', () => {
  const text = 'Red apple, red pear. Ünïted 12 🍎'

  it('are letters, numbers and signs, the commonest first, whatever their case', async () => {
    const { state, tokenizer } = await trained('words', text)
    expect(state).toEqual({
      words: ['red', ',', '.', '12', 'apple', 'pear', 'ünïted', '🍎'],
      isLowercase: true,
    })
    expect(tokenizer.decode(tokenizer.encode('A red, RED pear'))).toBe('\uFFFD red , red pear')
    expect(tokenizer.unknownIn('blue red')).toEqual(['b', 'l', 'u', 'e'])
    expect(tokenizer.tokenEnds('red  pear.')).toEqual([3, 9, 10])
  })

  it('are one where they are rare, or too many, or told apart by case', async () => {
    const { state } = await trained('words', text, { minCount: 2 })
    expect(state).toMatchObject({ words: ['red'] })
    const few = await trained('words', text, { maxVocabSize: 3 })
    expect(few.state).toMatchObject({ words: ['red', ','] })
    const cased = await trained('words', text, { isLowercase: false })
    expect(Array.from(cased.tokenizer.encode('Red red RED')).map((id) => id === 0)).toEqual([
      false,
      false,
      true,
    ])
  })

  it('refuse a state that training cannot have given', () => {
    for (const state of [
      null,
      { words: ['a'] },
      { words: ['a', 'a'], isLowercase: true },
      { words: [1], isLowercase: true },
    ])
      expect(() => createTokenizer({ kind: 'words', state })).toThrow(
        expect.objectContaining({ code: 'bad-tokenizer' }),
      )
  })
})
