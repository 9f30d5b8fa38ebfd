import { describe, expect, test } from 'vitest'
import { float32Tensor, type HostTensor } from '../hostTensor.ts'
import { readSafetensorsHeader } from './header.ts'
import { readSafetensors } from './read.ts'
import { fileOf } from './testFile.ts'
import { writeSafetensors } from './write.ts'

const floats = (...values: number[]) => float32Tensor([values.length], Float32Array.from(values))
const bytes: HostTensor = { dtype: 'uint8', shape: [3], data: Uint8Array.of(1, 2, 3) }

describe('the safetensors writer', () => {
  test('writes the bytes that the format prescribes', () => {
    const json = '{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'
    const expected = fileOf(json.padEnd(88, ' '), Uint8Array.of(0, 0, 0x80, 0x3f))
    expect(writeSafetensors(new Map([['a', floats(1)]]), { format: 'pt' })).toEqual(expected)
  })

  test('leaves metadata out where there is none', () => {
    expect(writeSafetensors(new Map(), {})).toEqual(fileOf('{}      '))
  })

  test('sorts by falling element size and name, so that every tensor is aligned in the file', () => {
    const double: HostTensor = { dtype: 'float64', shape: [], data: Float64Array.of(1) }
    const file = writeSafetensors(
      new Map([
        ['u', bytes],
        ['b', floats(1)],
        ['z', double],
        ['a', floats(2)],
      ]),
      {},
    )
    const { entries, dataStart } = readSafetensorsHeader(file)
    expect(entries.map(({ name }) => name)).toEqual(['z', 'a', 'b', 'u'])
    expect(dataStart % 8).toBe(0)
    expect(entries.map(({ begin }) => begin)).toEqual([0, 8, 12, 16])
  })

  test('writes a view of a larger buffer without its surroundings', () => {
    const view = new Float32Array(Float32Array.of(9, 1, 2, 9).buffer, 4, 2)
    const file = writeSafetensors(new Map([['v', float32Tensor([2], view)]]), {})
    expect(readSafetensors(file).tensors.get('v')!.data).toEqual(Float32Array.of(1, 2))
  })

  test.each([
    ['name', new Map([['__metadata__', bytes]]), {}],
    ['text', new Map([['\ud800', bytes]]), {}],
    ['text', new Map(), { key: '\udfff' }],
    ['data', new Map([['a', { ...bytes, shape: [4] }]]), {}],
    ['data', new Map([['a', { ...bytes, dtype: 'float32' as const }]]), {}],
    ['shape', new Map([['a', { ...bytes, shape: [-3] }]]), {}],
    ['metadata', new Map(), { step: 3 as unknown as string }],
  ])('refuses what no reader would take: %s', (code, tensors, metadata) => {
    expect(() => writeSafetensors(tensors, metadata)).toThrow(
      expect.objectContaining({ code: `safetensors-write-${code}` }),
    )
  })
})

describe('the safetensors reader', () => {
  test('copies by default and views on request, where the data are aligned', () => {
    const file = writeSafetensors(new Map([['a', floats(1, 2)]]), {})
    expect(readSafetensors(file).tensors.get('a')!.data.buffer).not.toBe(file.buffer)
    expect(readSafetensors(file, { useViews: true }).tensors.get('a')!.data.buffer).toBe(file.buffer)
    const shifted = new Uint8Array(file.length + 1).subarray(1)
    shifted.set(file)
    const { data } = readSafetensors(shifted, { useViews: true }).tensors.get('a')!
    expect(data).toEqual(Float32Array.of(1, 2))
    expect(data.buffer).not.toBe(shifted.buffer)
  })

  test('reads the header of a file whose dtypes it cannot read', () => {
    const header = '{"q":{"dtype":"F4","shape":[3,2],"data_offsets":[0,3]}}'
    expect(readSafetensorsHeader(fileOf(header, new Uint8Array(3))).entries).toEqual([
      { name: 'q', dtype: 'F4', shape: [3, 2], begin: 0, end: 3 },
    ])
  })

  test('reads a header of 100 000 tensors in time that is not quadratic', () => {
    const parts = Array.from(
      { length: 100_000 },
      (_, i) =>
        `"transformer.h.${i}.attn.c_attn.weight":{"dtype":"U8","shape":[1],"data_offsets":[${i},${i + 1}]}`,
    )
    const begun = performance.now()
    expect(readSafetensors(fileOf(`{${parts.join(',')}}`, new Uint8Array(100_000))).tensors.size).toBe(
      100_000,
    )
    expect(performance.now() - begun).toBeLessThan(15_000)
  })
})
