import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { DataError } from '../core/errors.ts'
import { hasTokenizerFile, readTokenizerFile, tokenizerFile } from './tokenizerFile.ts'
import { trainBpe } from './tokenizers/bpe.ts'
import { createTokenizer } from './tokenizers/registry.ts'
import { trainWordPiece, unknownToken } from './tokenizers/wordpiece.ts'

async function* once(text: string) {
  yield text
}
const bytesOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value))
const texts = [
  'It was the best of times, <|end|> it was the worst; 12 naïve 😀',
  '',
  '\u0000 \uD800',
  'a'.repeat(300),
]

type Json = Record<string, unknown>
let files: Json[] = []
let [bpe, pieces]: [Json, Json] = [{}, {}]
beforeAll(async () => {
  const text = 'It was the best of times, it was the worst of times. '.repeat(3)
  const settings = { vocabSize: 290, minCount: 2 }
  bpe = (await trainBpe(once(text), settings, ['<|end|>'])) as Json
  pieces = (await trainWordPiece(
    once(text),
    { ...settings, vocabSize: 60, maxCharacters: 99, isLowercase: true, stripsAccents: true },
    [unknownToken],
  )) as Json
  files = [bpe, pieces]
})

/** Replaces, takes out or doubles one place of a value, chosen by the draws. */
function mutate(value: unknown, draws: number[], other: unknown): unknown {
  const [draw = 0, ...rest] = draws
  if (typeof value !== 'object' || value === null || draws.length <= 1) return other
  if (Array.isArray(value)) {
    const at = draw % Math.max(1, value.length)
    return draw % 3 === 0
      ? value.filter((_, i) => i !== at)
      : draw % 3 === 1
        ? [...(value as unknown[]), value[at]]
        : value.map((part: unknown, i) => (i === at ? mutate(part, rest, other) : part))
  }
  const entries = Object.entries(value)
  const at = draw % Math.max(1, entries.length)
  return Object.fromEntries(
    entries.flatMap(([name, part], i): [string, unknown][] =>
      i !== at ? [[name, part]] : draw % 5 === 0 ? [] : [[name, mutate(part, rest, other)]],
    ),
  )
}

/** A file is read, and then usable, or refused with what to do. */
function readOrRefused(bytes: Uint8Array): void {
  try {
    const record = readTokenizerFile(bytes)
    const tokenizer = createTokenizer(record)
    for (const text of texts) {
      const ids = tokenizer.encode(text)
      expect(tokenizer.tokenEnds(text).length).toBe(ids.length)
      expect(ids.every((id) => id < tokenizer.vocabSize)).toBe(true)
      expect(typeof tokenizer.decode([...ids, -1, 1e9])).toBe('string')
    }
    expect(tokenizerFile(record)).toContain('model')
  } catch (error) {
    if (!(error instanceof DataError)) throw error
    expect(['tokenizer-not-json', 'bad-tokenizer', 'tokenizer-unsupported']).toContain(error.code)
    expect(error.remedy).not.toBe('')
  }
}

describe('a broken tokenizer.json', () => {
  const values = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom(-1, 1e9, 0.5, 'Unigram', 'ByteLevel', '__proto__', '', [], {}, ['a', 'b'], true, null),
  )

  it('is read or refused: changed parts', () => {
    const property = fc.property(
      fc.nat(1),
      fc.array(fc.nat(999), { minLength: 1, maxLength: 5 }),
      values,
      (file, draws, other) => readOrRefused(bytesOf(mutate(files[file], draws, other))),
    )
    fc.assert(property, { numRuns: 600, seed: 8 })
  })

  it('is read or refused: changed bytes', () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 })
    const property = fc.property(fc.nat(1), changes, fc.nat(9), (file, list, cut) => {
      const bytes = bytesOf(files[file])
      for (const [at, byte] of list) bytes[at % bytes.length] = byte
      readOrRefused(cut === 0 ? bytes.subarray(0, list[0]![0] % bytes.length) : bytes)
    })
    fc.assert(property, { numRuns: 600, seed: 9 })
  })

  it('is refused where it is nested a hundred thousand deep', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000)
    expect(() => readTokenizerFile(new TextEncoder().encode(`{"model":${deep}}`))).toThrow(
      expect.objectContaining({ code: 'tokenizer-not-json' }),
    )
  })

  it.each([
    ['model.type', (file: Json) => ({ ...file, model: { ...(file['model'] as Json), type: 'Unigram' } })],
    ['pre_tokenizer', (file: Json) => ({ ...file, pre_tokenizer: { type: 'Metaspace' } })],
    ['normalizer', (file: Json) => ({ ...file, normalizer: { type: 'Precompiled' } })],
    [
      'pre_tokenizer.pattern',
      (file: Json) => ({
        ...file,
        pre_tokenizer: { type: 'Split', pattern: { Regex: '(a+)+$' }, behavior: 'Isolated', invert: false },
      }),
    ],
  ])('says that %s is what cannot be read', (part, change) => {
    expect(() => readTokenizerFile(bytesOf(change(bpe)))).toThrow(
      expect.objectContaining({ code: 'tokenizer-unsupported', details: { part } }),
    )
  })
})

it('comes back as it was written, also with tokens that are names of JavaScript', () => {
  const model = pieces['model'] as { vocab: Record<string, number> }
  const vocab = JSON.parse(
    JSON.stringify(model.vocab).replace('}', `,"__proto__":60,"constructor":61}`),
  ) as object
  const record = readTokenizerFile(bytesOf({ ...pieces, model: { ...model, vocab } }))
  const again = readTokenizerFile(new TextEncoder().encode(tokenizerFile(record)))
  expect(again).toEqual(record)
  expect([...createTokenizer(again).encode('constructor')]).toEqual([61])
  expect(createTokenizer(again).vocabSize).toBe(62)
})

it('is of tokenizers of parts of words alone', () => {
  expect(hasTokenizerFile({ kind: 'characters' })).toBe(false)
  expect(() => tokenizerFile({ kind: 'characters', state: {} })).toThrow(
    expect.objectContaining({ code: 'tokenizer-no-file' }),
  )
})

it('reads merges written as lists as those written as texts, and takes an added token out of the text', () => {
  const model = bpe['model'] as { merges: string[] }
  const lists = { ...bpe, model: { ...model, merges: model.merges.map((pair) => pair.split(' ')) } }
  const [one, other] = [bpe, lists].map((file) => createTokenizer(readTokenizerFile(bytesOf(file))))
  expect([...one!.encode(texts[0]!)]).toEqual([...other!.encode(texts[0]!)])
  expect(one!.encode(texts[0]!)).toContain(0)
  expect(one!.decode([0])).toBe('<|end|>')
})
