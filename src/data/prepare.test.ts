import { expect, it } from 'vitest'
import { dataConfig } from '../../tests/helpers/dataConfig.ts'
import type { DataConfig } from '../core/runConfig.ts'
import { prepare, type PrepareRequest } from './prepare.ts'
import { tokensOf } from '../core/prepared.ts'
import { prepareGraph } from './prepareGraph.ts'
import { contentOf } from './preparing/content.ts'
import { utf8Text } from './reading/decodeText.ts'
import { previewText } from './preview.ts'
import { createTokenizer } from './tokenizers/registry.ts'

const data = dataConfig()
const content = 'a'.repeat(64)
const text = 'The quick brown fox 😀 jumps over the lazy dog.\n'.repeat(40)

/** A text in pieces of so many bytes, which may end inside a character. */
function requestFor(source: string, changes: Partial<PrepareRequest> = {}, pieceBytes = 50): PrepareRequest {
  const bytes = new TextEncoder().encode(source)
  const pieces = async function* () {
    for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes)
  }
  return {
    kind: 'text',
    content: pieces,
    sizeBytes: bytes.length,
    contentSha256: content,
    data,
    seed: 1,
    ...changes,
  }
}

it('makes token arrays that decode to the two parts of the text', async () => {
  const prepared = await prepare(requestFor(text))
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
    const whole = await prepare(requestFor(text, { data: varied }, 100_000))
    expect(await prepare(requestFor(text, { data: varied }, 3))).toEqual(whole)
    expect(createTokenizer(whole.coding.tokenizer!).decode(tokensOf(whole.train))).not.toMatch(/[A-Z]/)
  }
})

it('learns parts of words from the training part alone, and the same however the text is cut', async () => {
  const held = 'zyzzyva zyzzyva zyzzyva zyzzyva '.repeat(8)
  const tokenizer = { kind: 'bpe', vocabSize: 300, minCount: 2 }
  const whole = 'the quick brown fox '.repeat(60) + held
  const split = { kind: 'tail', fraction: held.length / whole.length }
  const request = (length: number) => requestFor(whole, { data: { ...data, tokenizer, split } }, length)
  const prepared = await prepare(request(100_000))
  expect(await prepare(request(3))).toEqual(prepared)
  const { decode } = createTokenizer(prepared.coding.tokenizer!)
  const { model } = prepared.coding.tokenizer!.state as { model: { merges: string[] } }
  expect(model.merges.length).toBeGreaterThan(10)
  expect(model.merges.filter((pair) => /[zyv]/.test(pair))).toEqual([])
  expect(decode(tokensOf(prepared.train)) + decode(tokensOf(prepared.validation))).toBe(whole)
})

it('has a key that changes with all that matters and with nothing else', () => {
  const keyOf = (change: Partial<DataConfig>, seed = 1, contentSha256 = content) => {
    const source = contentOf(async function* () {}, 0)
    return prepareGraph({ kind: 'text', content: source, contentSha256, data: { ...data, ...change }, seed })
      .key
  }
  const key = keyOf({})
  const blocks = { split: { kind: 'blocks', fraction: 0.1, blockCharacters: 100 } }
  const others = [
    keyOf({}, 1, 'b'.repeat(64)),
    keyOf({ tokenizer: { kind: 'characters', maxVocabSize: 5 } }),
    keyOf({ transforms: [{ kind: 'nfc' }] }),
    keyOf({ split: { kind: 'tail', fraction: 0.2 } }),
    keyOf(blocks),
    keyOf(blocks, 2),
  ]
  expect(new Set([key, ...others]).size).toBe(7)
  const source = { kind: 'stored', name: 'n', sha256: content, sizeBytes: 1 } as const
  expect(keyOf({ sampler: { kind: 'shuffled-windows' }, source, masking: { rate: 0.5 } }, 2)).toBe(key)
})

it('refuses texts that cannot be split, and stops when it is cancelled', async () => {
  await expect(prepare(requestFor(''))).rejects.toMatchObject({ code: 'split-too-short' })
  await expect(prepare(requestFor('a'))).rejects.toMatchObject({ code: 'split-too-short' })
  await expect(prepare(requestFor(text, { signal: AbortSignal.abort() }))).rejects.toMatchObject({
    code: 'cancelled',
  })
})

it('reports progress that only grows, to its end', async () => {
  const seen: number[] = []
  await prepare(requestFor(text, { onProgress: ({ done, total }) => seen.push(done / total) }))
  expect(seen.every((share, i) => share >= (seen[i - 1] ?? 0))).toBe(true)
  expect(seen.at(-1)).toBe(1)
})

it('previews a piece with the ends of its tokens, and never half a character', async () => {
  const source = 'a😀b😀c'
  for (let offset = 0; offset <= source.length; offset++) {
    for (let length = 0; length <= source.length; length++) {
      const shown = await previewText({
        textChunks: utf8Text(requestFor(source, {}, 2).content()),
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
    textChunks: utf8Text(requestFor(source).content()),
    offset: 1,
    length: 3,
    data: null,
  })
  expect(plain).toEqual({ text: '😀b', offset: 1, totalCharacters: 7, tokenEnds: [], metrics: null })
})
