import { itemsToSplit } from '../../../tests/helpers/itemsToSplit.ts'
import { describe, expect, it } from 'vitest'
import { Generator } from '../../core/rng.ts'
import { readSafetensors } from '../../core/safetensors/read.ts'
import { writeSafetensors } from '../../core/safetensors/write.ts'
import { dataConfig } from '../../../tests/helpers/dataConfig.ts'
import { itemBatch } from '../itemBatch.ts'
import { prepare } from '../prepare.ts'
import encodeTexts, { textRows } from '../preparing/encodeTexts.ts'
import learnTextsTokenizer from '../preparing/learnTextsTokenizer.ts'
import { decodeImageSet, encodeImageSet, type ImageSet } from './imageSet.ts'
import { resize, toGrey } from './resize.ts'

function randomSet(change: Partial<ImageSet> = {}): ImageSet {
  const [count, height, width, channels] = [20, 4, 6, 3]
  const generator = new Generator(1, 'tests')
  return {
    count,
    height,
    width,
    channels,
    pixels: Uint8Array.from({ length: count * height * width * channels }, (_, i) =>
      generator.below(256, 0, i),
    ),
    classes: ['cat', 'dog'],
    labels: Int32Array.from({ length: count }, (_, i) => i % 2),
    captions: Array.from({ length: count }, (_, i) => `picture ${i}`),
    ...change,
  }
}

const request = (change: Partial<ReturnType<typeof dataConfig>> = {}) =>
  dataConfig({ split: { kind: 'random-items', fraction: 0.2 }, ...change })

function prepareImages(bytes: Uint8Array, data: ReturnType<typeof dataConfig>) {
  const content = async function* () {
    yield bytes
  }
  const sizeBytes = bytes.length
  return prepare({ kind: 'images', content, sizeBytes, contentSha256: 'a'.repeat(64), data, seed: 1 })
}

describe('an image set', () => {
  it('comes back as it was, with labels and captions and without', () => {
    for (const set of [randomSet(), randomSet({ classes: [], labels: new Int32Array(0), captions: [] })])
      expect(decodeImageSet(encodeImageSet(set))).toEqual(set)
    expect(encodeImageSet(randomSet())).toEqual(encodeImageSet(randomSet()))
  })

  it('is refused where its parts do not go together', () => {
    const { tensors, metadata } = readSafetensors(encodeImageSet(randomSet()))
    const file = (change: Record<string, string>, labels = randomSet().labels) =>
      writeSafetensors(
        new Map([...tensors, ['labels', { dtype: 'int32', shape: [labels.length], data: labels }]]),
        { ...metadata, ...change },
      )
    expect(decodeImageSet(file({})).count).toBe(20)
    const broken = [
      file({ format: 'pt' }),
      file({ classes: '["cat"' }),
      file({ classes: '["cat"]' }),
      file({ classes: '[1, 2]' }),
      file({ captions: '["one"]' }),
      file({}, Int32Array.of(1, 0)),
      file({}, new Int32Array(20).fill(-1)),
      writeSafetensors(new Map(), metadata),
      encodeImageSet({ ...randomSet(), channels: 2, width: 9 }),
    ]
    for (const bytes of broken)
      expect(() => decodeImageSet(bytes)).toThrow(expect.objectContaining({ code: 'image-set' }))
    expect(() => decodeImageSet(Uint8Array.of(1, 2, 3))).toThrow(
      expect.objectContaining({ name: 'DataError' }),
    )
  })
})

describe('another size', () => {
  it('is the mean of the pixels that each new one covers', () => {
    const from = { height: 2, width: 4, channels: 1 }
    const pixels = Uint8Array.of(0, 2, 100, 200, 4, 6, 100, 200)
    expect([...resize(pixels, from, { height: 1, width: 2 })]).toEqual([3, 150])
    // A third of a pixel more than one, each.
    expect([
      ...resize(Uint8Array.of(0, 90, 30, 60), { ...from, height: 1 }, { height: 1, width: 3 }),
    ]).toEqual([23, 60, 53])
  })

  it('repeats pixels where it is larger, and is the same where it is the same', () => {
    const { pixels } = randomSet()
    const from = { height: 4, width: 6, channels: 3 }
    const one = pixels.subarray(0, 72)
    expect([...resize(one, from, from)]).toEqual([...one])
    expect([
      ...resize(Uint8Array.of(7, 9), { height: 1, width: 2, channels: 1 }, { height: 2, width: 4 }),
    ]).toEqual([7, 7, 9, 9, 7, 7, 9, 9])
  })

  it('and grey keeps white white', () => {
    expect([...toGrey(Uint8Array.of(255, 255, 255, 0, 0, 0, 255, 0, 0))]).toEqual([255, 0, 76])
  })
})

describe('prepared images', () => {
  it('deal out every image once, with its label, in bytes', async () => {
    const set = randomSet()
    const { train, validation, coding, sizeBytes } = await prepareImages(encodeImageSet(set), request())
    expect([train.count, validation.count]).toEqual([16, 4])
    expect(coding.facts).toEqual({
      image: { height: 4, width: 6, channels: 3 },
      classes: ['cat', 'dog'],
      // Ten of each, of which two are held out.
      classCounts: [8, 8],
      vocabSize: coding.facts.vocabSize,
      textTokens: 10,
    })
    const imagesOf = ({ count, arrays }: typeof train) =>
      Array.from({ length: count }, (_, i) => {
        const pixels = arrays['pixels']!.subarray(72 * i, 72 * (i + 1))
        return `${pixels.join()} ${arrays['labels']![i]}`
      })
    const all = Array.from(
      { length: 20 },
      (_, i) => `${set.pixels.subarray(72 * i, 72 * (i + 1)).join()} ${i % 2}`,
    )
    expect([...imagesOf(train), ...imagesOf(validation)].sort()).toEqual(all.sort())
    expect([...validation.arrays['labels']!].sort()).toEqual([0, 0, 1, 1])
    expect(sizeBytes).toBe(20 * 72 + 20 * 4 + 20 * (10 + 1) * 4)
  })

  it('are standardised by the training part alone', async () => {
    const { train, coding } = await prepareImages(encodeImageSet(randomSet()), request())
    const pixels = train.arrays['pixels']!
    for (let channel = 0; channel < 3; channel++) {
      const own = [...pixels].filter((_, i) => i % 3 === channel).map((value) => value / 255)
      const mean = own.reduce((sum, value) => sum + value, 0) / own.length
      const variance = own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / own.length
      expect(coding.pixels!.means[channel]).toBeCloseTo(mean, 10)
      expect(coding.pixels!.deviations[channel]).toBeCloseTo(Math.sqrt(variance), 10)
    }
    // Of a channel that never changes nothing is divided by.
    const red = randomSet({ pixels: Uint8Array.from({ length: 20 * 72 }, (_, i) => (i % 3 ? 0 : i / 72)) })
    const { deviations } = (await prepareImages(encodeImageSet(red), request())).coding.pixels!
    expect(deviations[0]).toBeLessThan(0.1)
    expect(deviations.slice(1)).toEqual([1, 1])
  })

  it('come in the size and the colours that are asked for', async () => {
    const { train, coding } = await prepareImages(
      encodeImageSet(randomSet()),
      request({ images: { size: 2, color: 'grey' } }),
    )
    expect(coding.facts.image).toEqual({ height: 2, width: 2, channels: 1 })
    expect(train.arrays['pixels']).toHaveLength(16 * 4)
  })

  it('cannot be split as a text', async () => {
    const split = { kind: 'blocks', fraction: 0.1, blockCharacters: 100 }
    await expect(prepareImages(encodeImageSet(randomSet()), request({ split }))).rejects.toMatchObject({
      code: 'split-kind',
    })
  })
})

describe('captions', () => {
  const captions = ['a red bird', 'a bird', '', 'a red bird']
  const tokenizerConfig = { kind: 'words', maxVocabSize: 99, minCount: 1, isLowercase: true }
  const coded = async () => {
    const texts = { texts: captions, targets: null, items: itemsToSplit(captions.length) }
    const task = { seed: 0, signal: undefined, onProgress: () => {} }
    const learning = { ...task, config: { tokenizer: tokenizerConfig, split: null }, inputs: { texts } }
    const tokenizer = await learnTextsTokenizer.run(learning)
    const encoded = await encodeTexts.run({ ...task, config: null, inputs: { texts, tokenizer } })
    return { tokenizer: tokenizer!, ...textRows(encoded!) }
  }

  it('are tokens of words, of one length, and equal ones have one id', async () => {
    const { facts, tokenizer, arraysOf } = await coded()
    expect(facts).toEqual({ vocabSize: 4, textTokens: 3 })
    expect((tokenizer.state as { words: string[] }).words).toEqual(['a', 'bird', 'red'])
    const { texts: tokens, textIds } = arraysOf(Int32Array.of(3, 1, 2, 0))
    expect([...tokens!]).toEqual([1, 3, 2, 1, 2, -1, 0, -1, -1, 1, 3, 2])
    expect([...textIds!]).toEqual([0, 1, 2, 0])
  })

  it('come to a batch cut to what is asked for, with a mask', async () => {
    const { arraysOf, facts, tokenizer } = await coded()
    const part = { count: 4, arrays: arraysOf(Int32Array.of(0, 1, 2, 3)) }
    const request = {
      part,
      places: Int32Array.of(1, 0),
      coding: { facts, tokenizer },
      augmentations: [],
      textAugmentations: [],
      mixing: { kind: 'none' } as const,
      drawing: null,
    }
    const arrays = (perItem: number) =>
      itemBatch({ texts: { perItem }, textMask: { perItem }, textIds: { perItem: 1 } }, request)
    expect(arrays(2)).toEqual({
      texts: Int32Array.of(1, 2, 1, 3),
      textMask: Int32Array.of(1, 1, 1, 1),
      textIds: Int32Array.of(1, 0),
    })
    expect(arrays(4)).toMatchObject({
      texts: Int32Array.of(1, 2, 0, 0, 1, 3, 2, 0),
      textMask: Int32Array.of(1, 1, 0, 0, 1, 1, 1, 0),
    })
  })
})
