import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DataError } from '../errors.ts'
import { elementCount, type HostDtype, type HostTensor, type NamedTensors } from '../hostTensor.ts'
import { fileFormat } from './dtypes.ts'
import { readSafetensors } from './read.ts'
import { fileOf } from './testFile.ts'
import { writeSafetensors } from './write.ts'

const dtypes: HostDtype[] = [
  'float32',
  'float64',
  'float16',
  'bfloat16',
  'int64',
  'int32',
  'int16',
  'int8',
  'uint8',
  'bool',
]
const text = fc.string({ unit: 'binary', maxLength: 12 })
const tensor = fc
  .record({ dtype: fc.constantFrom(...dtypes), shape: fc.array(fc.nat(4), { maxLength: 3 }), seed: fc.nat() })
  .map(({ dtype, shape, seed }): HostTensor => {
    const { Array: TypedArray } = fileFormat(dtype)
    const bytes = new Uint8Array(elementCount(shape) * TypedArray.BYTES_PER_ELEMENT)
    for (let i = 0; i < bytes.length; i++) bytes[i] = Math.imul(seed + i, 2654435761) >>> 24
    return { dtype, shape, data: new TypedArray(bytes.buffer, 0, elementCount(shape)) }
  })
const pairs = fc.uniqueArray(
  fc.tuple(
    text.filter((name) => name !== '__metadata__'),
    tensor,
  ),
  {
    selector: ([name]) => name,
    maxLength: 6,
  },
)
const metadata = fc.dictionary(text, text, { maxKeys: 4 })

/** Bits, since NaN differs from itself and has many patterns. */
function bits({ dtype, shape, data }: HostTensor) {
  return {
    dtype,
    shape: [...shape],
    bytes: [...new Uint8Array(data.buffer, data.byteOffset, data.byteLength)],
  }
}
const allBits = (tensors: NamedTensors) => new Map([...tensors].map(([name, value]) => [name, bits(value)]))

describe('writing and reading', () => {
  test('any tensors and metadata come back bit for bit, copied or viewed', () => {
    fc.assert(
      fc.property(pairs, metadata, fc.boolean(), (list, strings, useViews) => {
        const tensors = new Map(list)
        const file = readSafetensors(writeSafetensors(tensors, strings), { useViews })
        expect(allBits(file.tensors)).toEqual(allBits(tensors))
        expect(file.metadata).toEqual(strings)
      }),
    )
  })

  test('the order of insertion does not change a byte', () => {
    fc.assert(
      fc.property(pairs, metadata, (list, strings) => {
        const reversed = Object.fromEntries(Object.entries(strings).reverse())
        const other = writeSafetensors(new Map([...list].reverse()), reversed)
        expect(other).toEqual(writeSafetensors(new Map(list), strings))
      }),
    )
  })

  test('a mutated file is read or refused, and never anything else', () => {
    const edits = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), {
      minLength: 1,
      maxLength: 6,
    })
    fc.assert(
      fc.property(pairs, metadata, edits, fc.option(fc.nat()), (list, strings, changes, cut) => {
        let file: Uint8Array = writeSafetensors(new Map(list), strings)
        for (const [at, byte] of changes) file[at % file.length] = byte
        if (cut !== null) file = file.subarray(0, cut % file.length)
        expectReadOrRefused(file)
      }),
      { numRuns: 1000 },
    )
  })

  test('any JSON as header is read or refused, and never anything else', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), fc.uint8Array({ maxLength: 20 }), (json, data) => {
        expectReadOrRefused(fileOf(json, data))
        expectReadOrRefused(fileOf(`{"a":{"dtype":"F32","shape":${json},"data_offsets":${json}}}`, data))
      }),
      { numRuns: 1000 },
    )
  })
})

function expectReadOrRefused(file: Uint8Array): void {
  try {
    const { tensors } = readSafetensors(file)
    const held = [...tensors.values()].reduce((sum, { data }) => sum + data.byteLength, 0)
    expect(held).toBeLessThanOrEqual(file.length)
  } catch (error) {
    if (!(error instanceof DataError)) throw error
    expect(error.code).toMatch(/^safetensors-/)
  }
}
