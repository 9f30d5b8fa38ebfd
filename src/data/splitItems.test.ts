import { encode as encodePng } from 'fast-png'
import { describe, expect, it } from 'vitest'
import { dataConfig } from '../../tests/helpers/dataConfig.ts'
import { readFiles, readImages } from '../../tests/helpers/importedFiles.ts'
import { sha256Hex } from '../core/sha256.ts'
import type { DataConfig } from '../core/runConfig.ts'
import { encodeImageSet } from './images/imageSet.ts'
import { describeSet } from './inspect/describeSet.ts'
import { prepareWith } from './prepare.ts'
import { memorySource, type ImportSource } from './reading/source.ts'
import { reviseSet } from './reviseSet.ts'
import { decodeImageSet } from './images/imageSet.ts'
import { createMemoryStepStore } from './steps/memoryStepStore.ts'
import { StepRunner } from './steps/stepRunner.ts'

const words = {
  kind: 'wordpiece',
  vocabSize: 300,
  minCount: 1,
  isLowercase: true,
  maxCharacters: 100,
  stripsAccents: true,
}
const bytesOf = (text: string) => new TextEncoder().encode(text)

async function* whole(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

/** Prepared anew, and then once more from what was stored. */
async function prepareTwice(kind: 'table' | 'images', bytes: Uint8Array, change: Partial<DataConfig>) {
  const store = createMemoryStepStore()
  const request = {
    kind,
    content: () => whole(bytes),
    sizeBytes: bytes.length,
    contentSha256: sha256Hex(bytes),
    data: dataConfig(change),
    seed: 3,
  }
  const { prepared } = await prepareWith(new StepRunner(store), request)
  const again = await prepareWith(new StepRunner(store), request)
  expect(again.prepared).toEqual(prepared)
  expect(again.reports.every(({ outcome }) => outcome !== 'computed')).toBe(true)
  return prepared
}

describe('rows', () => {
  const rows = [
    ['the cat sat', 'animal', 'train', '2024-01-05'],
    ['the red moon', 'thing', 'train', '2024-01-01'],
    ['a dog ran', 'animal', 'train', '2024-01-04'],
    ['a stone fell', 'thing', 'val', '2024-01-03'],
    ['the cat sat', 'animal', 'val', '2024-01-02'],
    ['hidden word', 'thing', 'test', '2024-01-06'],
  ]
  const table = bytesOf(`story,label,part,day\n${rows.map((row) => row.join(',')).join('\n')}\n`)
  const settings = {
    table: { target: 'label', text: 'story', targetKind: 'auto' as const, separator: '' },
    tokenizer: words,
  }

  it('are parted as a column says, and words of the held out part are not learned', async () => {
    const split = { kind: 'given', column: '' }
    // The day tells all rows apart: without it the first and the fifth hold the same.
    const lines = new TextDecoder().decode(table).trim().split('\n')
    const undated = bytesOf(lines.map((line) => line.slice(0, line.lastIndexOf(','))).join('\n'))
    const prepared = await prepareTwice('table', undated, { ...settings, split })
    expect([prepared.train, prepared.validation, prepared.test].map((part) => part?.count)).toEqual([2, 2, 1])
    expect([...prepared.test!.arrays['labels']!]).toEqual([1])
    const { model } = prepared.coding.tokenizer!.state as { model: { vocab: Record<string, number> } }
    const known = Object.keys(model.vocab)
    expect(known).toEqual(expect.arrayContaining(['dog', 'moon']))
    for (const held of ['stone', 'hidden', 'cat']) expect(known).not.toContain(held)
    expect(prepared.notices).toEqual([
      '1 item is kept for a test of what was trained.',
      '1 item is not trained on, since it holds the same as others that are held out.',
    ])
  })

  it('that hold the same but for their part stay on one side of any split, and the part is no feature', async () => {
    const twins = Array.from({ length: 20 }, (_, i) =>
      ['train', 'test'].map((part) => `${part},${i},${i % 3},k${i % 2}`),
    )
    const content = bytesOf(`part,x,y,label\n${twins.flat().join('\n')}\n`)
    const { train, validation, test, coding } = await prepareTwice('table', content, {
      split: { kind: 'stratified', fraction: 0.25 },
    })
    expect([train.count, validation.count, test]).toEqual([30, 10, undefined])
    expect(coding.table!.inputs.map(({ name }) => name)).toEqual(['x', 'y'])
    const rowsOf = ({ arrays, count }: typeof train) =>
      Array.from({ length: count }, (_, i) => String([...arrays['features']!.subarray(2 * i, 2 * i + 2)]))
    const trained = new Set(rowsOf(train))
    expect(rowsOf(validation).filter((row) => trained.has(row))).toEqual([])
  })

  it('are parted by days', async () => {
    const prepared = await prepareTwice('table', table, {
      ...settings,
      split: { kind: 'time', column: 'day', fraction: 0.34 },
    })
    expect([prepared.train.count, prepared.validation.count]).toEqual([3, 2])
    expect([...prepared.validation.arrays['labels']!]).toEqual([0, 1])
    // The first and the fifth row are told apart by nothing but their part and the day.
    expect(prepared.notices).toEqual([expect.stringMatching('1 item is not trained on')])
  })

  it('say which splits they have what is needed for', async () => {
    const of = async (text: string) => (await describeSet('table', whole(bytesOf(text)))).splits
    expect((await describeSet('table', whole(table))).columns).toEqual(['story', 'label', 'part', 'day'])
    expect(await of(new TextDecoder().decode(table))).toEqual([
      'tail',
      'random-items',
      'stratified',
      'time',
      'given',
    ])
    expect(await of('user,size\n1,2\n1,3\n2,4\n')).toEqual(['tail', 'random-items', 'stratified', 'group'])
  })
})

describe('pictures', () => {
  const at = (path: string, shade: number): ImportSource => {
    const data = new Uint8Array(12).fill(shade)
    const png = encodePng({ width: 2, height: 2, channels: 3, data })
    return { ...memorySource(path.split('/').at(-1)!, png), path }
  }
  const files = [
    at('pets/train/cat/1.png', 10),
    at('pets/train/dog/2.png', 20),
    at('pets/train/dog/3.png', 30),
    at('pets/val/cat/4.png', 40),
    at('pets/val/dog/5.png', 20),
  ]

  it('in folders called train and val keep their parts, and their classes are the folders in them', async () => {
    const { content } = await readFiles(files)
    const set = decodeImageSet(content)
    expect(set.parts).toEqual(['train', 'train', 'train', 'validation', 'validation'])
    expect(Array.from(set.labels, (label) => set.classes[label])).toEqual(['cat', 'dog', 'dog', 'cat', 'dog'])
    const prepared = await prepareTwice('images', content, { split: { kind: 'given', column: '' } })
    expect([prepared.train.count, prepared.validation.count]).toEqual([2, 2])
    expect(prepared.notices).toHaveLength(1)
    const shades = (part: typeof prepared.train) => [...part.arrays['pixels']!].filter((_, i) => i % 4 === 0)
    expect([shades(prepared.train), shades(prepared.validation)]).toEqual([
      [10, 30],
      [40, 20],
    ])
    const { splits, description } = await describeSet('images', whole(content))
    expect(splits).toContain('given')
    expect(description).toMatchObject({
      parts: [
        { value: 'train', count: 3 },
        { value: 'validation', count: 2 },
      ],
    })
    const revised = decodeImageSet(reviseSet('images', content, { drop: [0], relabel: [] }).bytes)
    expect(revised.parts).toEqual(['train', 'train', 'validation', 'validation'])
  })

  it('have no parts where one is of none, or all are of one', async () => {
    for (const other of ['pets/cat/9.png', 'pets/test-bench/9.png']) {
      const { set } = await readImages([...files, at(other, 90)])
      expect(set.parts).toBeUndefined()
    }
    const { set } = await readImages(files.slice(0, 3))
    expect([set.parts, set.classes]).toEqual([undefined, ['cat', 'dog']])
  })

  it('are grouped by a column of what lies beside them', async () => {
    const beside = memorySource(
      'metadata.csv',
      'file_name,label,patient\n1.png,a,p1\n2.png,b,p2\n3.png,a,p1\n',
    )
    const { set } = await readImages([...files.slice(0, 3), beside])
    expect(set.groups).toEqual(['p1', 'p2', 'p1'])
  })

  it('without parts and groups have the bytes that they had before there were such', () => {
    const set = {
      ...{ count: 2, height: 1, width: 1, channels: 1 },
      ...{ pixels: Uint8Array.of(1, 2), classes: ['a', 'b'], labels: Int32Array.of(1, 0), captions: [] },
    }
    expect(sha256Hex(encodeImageSet(set))).toBe(
      '7528229efebdb6327b45fff84a7296bec5407f7966db2c9d3bb81d44ae8318e9',
    )
    expect(encodeImageSet({ ...set, groups: [], parts: [] })).toEqual(encodeImageSet(set))
    const broken = encodeImageSet({ ...set, parts: ['train'] })
    expect(() => decodeImageSet(broken)).toThrow(/must be one of parts for each of 2 images, got 1/)
  })
})
