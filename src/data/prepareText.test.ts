import { expect, it } from 'vitest'
import { dataConfig } from '../../tests/helpers/dataConfig.ts'
import type { DataConfig } from '../core/runConfig.ts'
import { prepareText, type PrepareTextRequest } from './prepareText.ts'
import { tokensOf } from '../core/prepared.ts'
import { prepareKey } from './prepareKey.ts'
import { previewText } from './preview.ts'
import { createTokenizer } from './tokenizers/registry.ts'

const data = dataConfig()
const content = 'a'.repeat(64)
const text = 'The quick brown fox 😀 jumps over the lazy dog.\n'.repeat(40)

function requestFor(
  source: string,
  changes: Partial<PrepareTextRequest> = {},
  length = 50,
): PrepareTextRequest {
  const characters = Array.from(source)
  const textChunks = async function* () {
    for (let i = 0; i < characters.length; i += length) yield characters.slice(i, i + length).join('')
  }
  return { textChunks, sizeBytes: source.length, contentSha256: content, data, seed: 1, ...changes }
}

it('makes token arrays that decode to the two parts of the text', async () => {
  const prepared = await prepareText(requestFor(text))
  const [ofTrain, ofValidation] = [tokensOf(prepared.train), tokensOf(prepared.validation)]
  const tokenizer = createTokenizer(prepared.coding.tokenizer!)
  const [train, validation] = [tokenizer.decode(ofTrain), tokenizer.decode(ofValidation)]
  expect(train + validation).toBe(text)
  expect(Math.abs(validation.length - text.length / 4)).toBeLessThanOrEqual(1)
  expect(ofTrain).toBeInstanceOf(Uint8Array)
  expect(prepared.coding.facts).toEqual({ vocabSize: new Set(text).size })
  expect(prepared.train.count).toBe(ofTrain.length)
  expect(prepared.sizeBytes).toBe(ofTrain.byteLength + ofValidation.byteLength)
})

it('gives the same however the text is cut, with transforms, random blocks and any tokenizer', async () => {
  const words = { kind: 'words', maxVocabSize: 99, minCount: 1, isLowercase: true }
  const parts = { kind: 'bpe', vocabSize: 280, minCount: 2 }
  for (const tokenizer of [data.tokenizer, { kind: 'bytes' }, words, parts]) {
    const varied: DataConfig = {
      ...data,
      tokenizer,
      transforms: [{ kind: 'lowercase' }, { kind: 'collapse-whitespace', isOneLine: true }],
      split: { kind: 'blocks', fraction: 0.3, blockCharacters: 101 },
    }
    const whole = await prepareText(requestFor(text, { data: varied }, 100_000))
    expect(await prepareText(requestFor(text, { data: varied }, 3))).toEqual(whole)
    expect(createTokenizer(whole.coding.tokenizer!).decode(tokensOf(whole.train))).not.toMatch(/[A-Z]/)
  }
})

it('learns parts of words from the training part alone, and the same however the text is cut', async () => {
  const held = 'zyzzyva zyzzyva zyzzyva zyzzyva '.repeat(8)
  const tokenizer = { kind: 'bpe', vocabSize: 300, minCount: 2 }
  const whole = 'the quick brown fox '.repeat(60) + held
  const split = { kind: 'tail', fraction: held.length / whole.length }
  const request = (length: number) => requestFor(whole, { data: { ...data, tokenizer, split } }, length)
  const prepared = await prepareText(request(100_000))
  expect(await prepareText(request(3))).toEqual(prepared)
  const { decode } = createTokenizer(prepared.coding.tokenizer!)
  const { model } = prepared.coding.tokenizer!.state as { model: { merges: string[] } }
  expect(model.merges.length).toBeGreaterThan(10)
  expect(model.merges.filter((pair) => /[zyv]/.test(pair))).toEqual([])
  expect(decode(tokensOf(prepared.train)) + decode(tokensOf(prepared.validation))).toBe(whole)
})

it('has a key that changes with all that matters and with nothing else', () => {
  const key = prepareKey('text', content, data, 1)
  const blocks: DataConfig = { ...data, split: { kind: 'blocks', fraction: 0.1, blockCharacters: 100 } }
  const others = [
    prepareKey('text', 'b'.repeat(64), data, 1),
    prepareKey('text', content, { ...data, tokenizer: { kind: 'characters', maxVocabSize: 5 } }, 1),
    prepareKey('text', content, { ...data, transforms: [{ kind: 'nfc' }] }, 1),
    prepareKey('text', content, { ...data, split: { kind: 'tail', fraction: 0.2 } }, 1),
    prepareKey('text', content, blocks, 1),
    prepareKey('text', content, blocks, 2),
  ]
  expect(new Set([key, ...others]).size).toBe(7)
  expect(
    prepareKey(
      'text',
      content,
      {
        ...data,
        sampler: { kind: 'shuffled-windows' },
        source: { kind: 'stored', name: 'n', sha256: content, sizeBytes: 1 },
      },
      2,
    ),
  ).toBe(key)
})

it('refuses texts that cannot be split, and stops when it is cancelled', async () => {
  await expect(prepareText(requestFor(''))).rejects.toMatchObject({ code: 'split-too-short' })
  await expect(prepareText(requestFor('a'))).rejects.toMatchObject({ code: 'split-too-short' })
  await expect(prepareText(requestFor(text, { signal: AbortSignal.abort() }))).rejects.toMatchObject({
    code: 'cancelled',
  })
})

it('reports progress that only grows, to its end', async () => {
  const seen: number[] = []
  await prepareText(requestFor(text, { onProgress: ({ done, total }) => seen.push(done / total) }))
  expect(seen.every((share, i) => share >= (seen[i - 1] ?? 0))).toBe(true)
  expect(seen.at(-1)).toBe(1)
})

it('previews a piece with the ends of its tokens, and never half a character', async () => {
  const source = 'a😀b😀c'
  for (let offset = 0; offset <= source.length; offset++) {
    for (let length = 0; length <= source.length; length++) {
      const shown = await previewText({
        textChunks: requestFor(source, {}, 2).textChunks(),
        offset,
        length,
        data,
      })
      expect(shown.text).not.toMatch(/\p{Cs}/u)
      expect(shown.text).toBe(source.slice(shown.offset, shown.offset + shown.text.length))
      expect(shown.totalCharacters).toBe(source.length)
      expect(shown.tokenEnds.length).toBe(Array.from(shown.text).length)
      expect(shown.text.length).toBeLessThanOrEqual(length)
    }
  }
  const plain = await previewText({
    textChunks: requestFor(source).textChunks(),
    offset: 1,
    length: 3,
    data: null,
  })
  expect(plain).toEqual({ text: '😀b', offset: 1, totalCharacters: 7, tokenEnds: [], metrics: null })
})
