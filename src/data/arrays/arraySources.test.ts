import { strToU8, zipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { npyFile } from '../../../tests/helpers/npyFile.ts'
import { readFiles, readImages } from '../../../tests/helpers/importedFiles.ts'
import type { NamedTensors } from '../../core/hostTensor.ts'
import { writeSafetensors } from '../../core/safetensors/write.ts'
import { encodeImageSet } from '../images/imageSet.ts'
import { memorySource } from '../reading/source.ts'

const npz = (arrays: Record<string, Uint8Array>, name = 'a.npz') =>
  memorySource(
    name,
    zipSync(Object.fromEntries(Object.entries(arrays).map(([key, bytes]) => [`${key}.npy`, bytes]))),
  )
const bytes = (count: number) => Uint8Array.from({ length: count }, (_, i) => (i * 37) % 256)
const text = async (source: ReturnType<typeof npz>) => {
  const { content, summary } = await readFiles([source])
  expect(summary.kind).toBe('table')
  return new TextDecoder().decode(content)
}

describe('arrays of pictures', () => {
  it('in parts are one set, the training part first, with their labels', async () => {
    const x = bytes(5 * 6)
    const { set, notices } = await readImages([
      npz({
        x_test: npyFile('|u1', [2, 2, 3], x.subarray(18)),
        y_test: npyFile('<i8', [2], [9, 4]),
        x_train: npyFile('|u1', [3, 2, 3], x.subarray(0, 18)),
        y_train: npyFile('<i8', [3], [4, 9, 4]),
      }),
    ])
    expect([set.count, set.height, set.width, set.channels]).toEqual([5, 2, 3, 1])
    expect([...set.pixels]).toEqual([...x])
    expect([...set.labels].map((label) => set.classes[label])).toEqual(['4', '9', '4', '9', '4'])
    expect(notices.join()).toMatch(/x_train and x_test are one set.*3 × 2 with 1 channel/)
  })

  it('are read with channels last and first, with alpha, one-hot labels and names of classes', async () => {
    const last = bytes(2 * 4 * 5 * 3)
    const first = Uint8Array.from(last, (_, i) => {
      const [n, rest] = [Math.floor(i / 60), i % 60]
      const [channel, pixel] = [Math.floor(rest / 20), rest % 20]
      return last[n * 60 + pixel * 3 + channel]!
    })
    const labels = {
      labels: npyFile('<f4', [2, 2], [0, 1, 1, 0]),
      class_names: npyFile('<U3', [2], ['cat', 'dog']),
    }
    for (const [shape, values] of [
      [[2, 4, 5, 3], last],
      [[2, 3, 4, 5], first],
    ] as const) {
      const { set } = await readImages([npz({ images: npyFile('|u1', shape, values), ...labels })])
      expect([...set.pixels]).toEqual([...last])
      expect([...set.labels].map((label) => set.classes[label])).toEqual(['dog', 'cat'])
    }
    const alpha = npyFile('|u1', [1, 1, 2, 4], [10, 20, 30, 255, 10, 20, 30, 0])
    expect([...(await readImages([npz({ x: alpha })])).set.pixels]).toEqual([10, 20, 30, 255, 255, 255])
  })

  it.each([
    ['0 to 1', [0, 0.5, 1, NaN], [0, 128, 255, 0]],
    ['-1 to 1', [-1, 0, 1, 0.5], [0, 128, 255, 191]],
    ['0 to 255', [0, 127.6, 255, 1], [0, 128, 255, 1]],
    ['0 to 16', [0, 8, 16, 4], [0, 128, 255, 64]],
  ])('of values from %s are brought to bytes', async (_range, values, expected) => {
    const { set, notices } = await readImages([npz({ images: npyFile('<f8', [1, 2, 2], values) })])
    expect([...set.pixels]).toEqual(expected)
    const odd = notices.filter((notice) => notice.includes('no number'))
    expect(odd).toEqual(
      values.some(Number.isNaN)
        ? ['1 value is no number or infinite, and taken as the least or the most that a pixel has.']
        : [],
    )
  })

  it('in rows of bytes are pictures where their number is a square; as files beside each other; as safetensors', async () => {
    const x = bytes(2 * 784)
    const { set } = await readImages([
      memorySource('X.npy', npyFile('|u1', [2, 784], x)),
      memorySource('y.npy', npyFile('<U3', [2], ['cat', 'dog'])),
    ])
    expect([set.height, set.width, set.classes, [...set.pixels]]).toEqual([28, 28, ['cat', 'dog'], [...x]])
    const tensors: NamedTensors = new Map([
      ['images', { dtype: 'uint8', shape: [2, 28, 28], data: x }],
      ['labels', { dtype: 'int32', shape: [2], data: Int32Array.of(1, 0) }],
    ])
    const other = await readImages([memorySource('a.safetensors', writeSafetensors(tensors, {}))])
    expect([...other.set.labels]).toEqual([1, 0])
    expect([...other.set.pixels]).toEqual([...x])
  })

  it('as Bunsen stores them come back the same', async () => {
    const set = {
      count: 2,
      height: 1,
      width: 2,
      channels: 3,
      pixels: bytes(12),
      classes: ['a', 'b'],
      labels: Int32Array.of(1, 0),
      captions: ['one', 'two'],
    }
    expect((await readImages([memorySource('a.safetensors', encodeImageSet(set))])).set).toEqual(set)
  })
})

describe('arrays of rows', () => {
  it('are a table with their labels last; what is no number is missing', async () => {
    expect(
      await text(npz({ X: npyFile('<f8', [2, 2], [0.5, 1, NaN, -2e-7]), y: npyFile('|b1', [2], [1, 0]) })),
    ).toBe('X 1,X 2,y\n0.5,1,1\n,-2e-7,0\n')
  })

  it('of one value an item are columns, to the last digit', async () => {
    expect(
      await text(
        npz({ id: npyFile('<i8', [2], [9007199254740993n, 1n]), name: npyFile('<U2', [2], ['a,', 'b']) }),
      ),
    ).toBe('id,name\n9007199254740993,"a,"\n1,b\n')
  })
})

describe('arrays that are no set', () => {
  it.each([
    ['a single number', { x: npyFile('<f8', [], [1]) }],
    ['labels alone', { y: npyFile('<i8', [3], [1, 2, 3]) }],
    ['five axes', { x: npyFile('|u1', [1, 1, 1, 1, 1], [1]) }],
  ])('are refused with what there must be: %s', async (_what, arrays) => {
    await expect(readFiles([npz(arrays)])).rejects.toMatchObject({ name: 'DataError', code: 'array-shape' })
  })

  it('and weights of a model are refused by name', async () => {
    const tensors: NamedTensors = new Map([
      ['h.0.mlp.weight', { dtype: 'uint8', shape: [1], data: bytes(1) }],
    ])
    await expect(
      readFiles([
        memorySource('a.safetensors', writeSafetensors(tensors, {})),
        memorySource('b', strToU8('x')),
      ]),
    ).rejects.toMatchObject({ code: 'binary-file', message: expect.stringContaining('checkpoint') as string })
  })
})
