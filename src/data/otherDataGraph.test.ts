import { expect, it } from 'vitest'
import { dataConfig } from '../../tests/helpers/dataConfig.ts'
import type { DataKind } from '../core/catalog.ts'
import type { Coding, Part } from '../core/prepared.ts'
import type { DataConfig } from '../core/runConfig.ts'
import { encodeImageSet, type ImageSet } from './images/imageSet.ts'
import { otherDataGraph } from './otherDataGraph.ts'
import { prepare } from './prepare.ts'
import { contentOf } from './preparing/content.ts'
import { createMemoryStepStore } from './steps/memoryStepStore.ts'
import { StepRunner } from './steps/stepRunner.ts'

type Bytes = Uint8Array | string
const bytesOf = (content: Bytes) =>
  typeof content === 'string' ? new TextEncoder().encode(content) : content

async function* piecesOf(bytes: Uint8Array) {
  yield bytes
}

/** What a run of `content` would know. */
function learned(kind: DataKind, content: Bytes, change: Partial<DataConfig>) {
  const bytes = bytesOf(content)
  const request = { kind, content: () => piecesOf(bytes), sizeBytes: bytes.length, seed: 1 }
  return prepare({ ...request, contentSha256: 'a'.repeat(64), data: dataConfig(change) })
}

async function coded(kind: DataKind, content: Bytes, coding: Coding, change: Partial<DataConfig> = {}) {
  const bytes = bytesOf(content)
  const node = otherDataGraph({
    kind,
    content: contentOf(() => piecesOf(bytes), bytes.length),
    contentSha256: 'b'.repeat(64),
    data: dataConfig(change),
    coding,
  })
  return (await new StepRunner(createMemoryStepStore(0)).run(node)).value
}

/** The items of a part, each as its numbers by name. */
function itemsOf({ count, arrays }: Part): string[] {
  const of = (array: ArrayLike<number>, place: number) => {
    const perItem = array.length / count
    return Array.from({ length: perItem }, (_, i) => array[place * perItem + i])
  }
  return Array.from({ length: count }, (_, place) =>
    Object.entries(arrays)
      .map(([name, array]) => `${name} ${of(array, place).join(' ')}`)
      .sort()
      .join(),
  )
}

/** Nothing is learned anew: what a set's own parts hold comes out again where it is read as another. */
async function expectSameItems(kind: DataKind, content: Bytes, change: Partial<DataConfig>) {
  const own = await learned(kind, content, change)
  const all = await coded(kind, content, own.coding, change)
  expect(all.coding).toBe(own.coding)
  expect(itemsOf(all.test!).sort()).toEqual([...itemsOf(own.train), ...itemsOf(own.validation)].sort())
  return own.coding
}

const items = { split: { kind: 'random-items', fraction: 0.3 } } as const
const words = { kind: 'words', maxVocabSize: 99, minCount: 1, isLowercase: true }

function tableOf(rows: number, shift = 0): string {
  const lines = Array.from({ length: rows }, (_, i) => {
    const at = i + shift
    return `${at},${at * 1.5},${['red', 'green', ''][at % 3]},${at % 2 ? 'yes' : 'no'}`
  })
  return ['size,weight,color,label', ...lines, ''].join('\n')
}

it('reads the columns of another table by the scales and the values that were learned, wherever they stand', async () => {
  const coding = await expectSameItems('table', tableOf(20), items)
  const other = ['label,note,color,size,weight', 'yes,x,green,40,', 'no,y,blue,0,3', ',z,red,1,1', ''].join(
    '\n',
  )
  const { test, notices } = await coded('table', other, coding)
  const { inputs } = coding.table!
  const [size, weight] = inputs as readonly { mean: number; deviation: number }[]
  const ofRow = (numbers: number[]) => [...Float32Array.from(numbers)]
  // The missing weight is the mean; blue was never seen, and is no category.
  expect([...test!.arrays['features']!]).toEqual([
    ...ofRow([(40 - size!.mean) / size!.deviation, 0, 0, 1, 0]),
    ...ofRow([(0 - size!.mean) / size!.deviation, (3 - weight!.mean) / weight!.deviation, 0, 0, 0]),
  ])
  expect([...test!.arrays['labels']!]).toEqual([1, 0])
  expect(notices).toEqual(['1 rows without a value of label were left out.'])
})

it('refuses by name what the model does not know', async () => {
  const { coding } = await learned('table', tableOf(20), items)
  await expect(coded('table', 'size,label\n1,yes\n2,no\n', coding)).rejects.toMatchObject({
    code: 'data-other',
    message: expect.stringMatching(/there is no weight, color; there are size, label/) as string,
  })
  const strange = tableOf(6).replace('no', 'maybe')
  await expect(coded('table', strange, coding)).rejects.toMatchObject({
    code: 'classes-unknown',
    message: expect.stringMatching(/\("no", "yes"\), got "maybe"/) as string,
  })
  const withoutTarget = tableOf(4).replaceAll(/(yes|no)$/gm, '')
  await expect(coded('table', withoutTarget, coding)).rejects.toMatchObject({ code: 'data-other' })
})

it('reads numbers, texts and several classes to be said as they were learned', async () => {
  const numbers = {
    table: { target: 'weight', text: '', targetKind: 'auto', separator: '' },
    ...items,
  } as const
  const { target } = (await expectSameItems('table', tableOf(20), numbers)).table!
  const { mean, deviation } = target as { mean: number; deviation: number }
  const coding = (await learned('table', tableOf(20), numbers)).coding
  const { test } = await coded('table', tableOf(2, 100), coding, numbers)
  expect([...test!.arrays['targets']!]).toEqual([
    ...Float32Array.of((150 - mean) / deviation, (151.5 - mean) / deviation),
  ])
  const written = {
    table: { target: 'to', text: 'from', targetKind: 'text', separator: '' },
    ...items,
    tokenizer: words,
  } as const
  const pairs = Array.from({ length: 12 }, (_, i) => `one ${i} two,zwei ${i} eins`)
  await expectSameItems('table', ['from,to', ...pairs, ''].join('\n'), written)
  const several = {
    table: { target: 'tags', text: '', targetKind: 'labels', separator: '' },
    ...items,
  } as const
  const tagged = ['x,tags', ...Array.from({ length: 12 }, (_, i) => `${i},${['a;b', 'b', 'a;c'][i % 3]}`), '']
  const tags = await expectSameItems('table', tagged.join('\n'), several)
  // Two rows do not show by themselves what parts their labels.
  const few = await coded('table', 'x,tags\n1,b;c\n2,a\n', tags, several)
  expect([...few.test!.arrays['labelSets']!]).toEqual([1, 2, 0, -1])
})

it('finds the column of texts of a few rows, and leaves longer texts whole', async () => {
  const mood = {
    table: { target: 'mood', text: '', targetKind: 'auto', separator: '' },
    ...items,
    tokenizer: words,
  } as const
  const rows = Array.from({ length: 120 }, (_, i) => `the day ${i} was fine,${i % 2 ? 'glad' : 'sad'}`)
  const { coding } = await learned('table', ['text,mood', ...rows, ''].join('\n'), mood)
  const { test } = await coded(
    'table',
    'mood,text\nsad,the day was the day was the day\nglad,fine\n',
    coding,
    mood,
  )
  const width = test!.arrays['texts']!.length / 2
  expect(width).toBe(8)
  expect([...test!.arrays['texts']!].slice(width)).toEqual([expect.any(Number), ...Array<number>(7).fill(-1)])
})

function pictures(change: Partial<ImageSet> = {}): ImageSet {
  const [count, height, width, channels] = [12, 4, 4, 3]
  return {
    count,
    height,
    width,
    channels,
    pixels: Uint8Array.from({ length: count * height * width * channels }, (_, i) => (i * 37) % 251),
    classes: ['cat', 'dog'],
    labels: Int32Array.from({ length: count }, (_, i) => i % 2),
    captions: [],
    ...change,
  }
}

it('gives other pictures the size, the colours and the places of classes that the model knows', async () => {
  const coding = await expectSameItems('images', encodeImageSet(pictures()), items)
  const grey = pictures({
    count: 2,
    height: 8,
    width: 8,
    channels: 1,
    pixels: Uint8Array.from({ length: 128 }, (_, i) => (i < 64 ? 10 : 200)),
    classes: ['bird', 'dog'],
    labels: Int32Array.of(1, 1),
  })
  const { test } = await coded('images', encodeImageSet(grey), coding)
  // A class that no picture has is none that must be known.
  expect([...test!.arrays['labels']!]).toEqual([1, 1])
  expect([...test!.arrays['pixels']!]).toEqual([
    ...Array<number>(48).fill(10),
    ...Array<number>(48).fill(200),
  ])
  const strange = encodeImageSet({ ...grey, labels: Int32Array.of(0, 1) })
  await expect(coded('images', strange, coding)).rejects.toMatchObject({ code: 'classes-unknown' })
  const bare = encodeImageSet({ ...grey, classes: [], labels: new Int32Array(0) })
  await expect(coded('images', bare, coding)).rejects.toMatchObject({ code: 'data-other' })
  const captioned = pictures({ captions: Array.from({ length: 12 }, (_, i) => `a ${i} cat`) })
  const known = await expectSameItems('images', encodeImageSet(captioned), { ...items, tokenizer: words })
  await expect(coded('images', encodeImageSet(pictures()), known)).rejects.toMatchObject({
    code: 'data-other',
  })
})

it('reads all of another text in the tokens that were learned, and names what it has never read', async () => {
  const { coding } = await learned('text', 'abcabcab'.repeat(20), {})
  const { test, notices } = await coded('text', 'cab ab!', coding)
  const code = (letter: string) => 'abc'.indexOf(letter)
  expect([...test!.arrays['tokens']!]).toEqual([...'cabab'].map(code))
  expect(notices).toEqual(['The model has never read " ", "!": left out, or read as unknown.'])
})
