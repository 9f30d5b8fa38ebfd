import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readNpy } from './npy.ts'

interface Case {
  readonly name: string
  readonly bytes: string
  readonly shape: readonly number[]
  readonly values: readonly (string | number | boolean)[] | null
  readonly refused: string | null
}

const cases = JSON.parse(readFileSync('tests/fixtures/arrays/arrays.json', 'utf8')) as Case[]
const bytesOf = ({ bytes }: Case) => Uint8Array.from(Buffer.from(bytes, 'base64'))
const named = (name: string) => bytesOf(cases.find((own) => own.name === name)!)

describe('a file of numpy.save', () => {
  it.each(cases.filter(({ refused }) => refused === null))('reads as NumPy reads it: $name', (own) => {
    const { name, shape, values } = readNpy('x.npy', bytesOf(own))
    expect([name, shape]).toEqual(['x', own.shape])
    // Whole numbers are written as texts, so that JSON keeps all digits; floats of two and four bytes are exact as doubles.
    const isWhole = typeof own.values![0] === 'string' && typeof values[0] !== 'string'
    expect(Array.from(values as ArrayLike<unknown>, (value) => (isWhole ? String(value) : value))).toEqual(
      own.values!.map((value) => (typeof value === 'boolean' ? Number(value) : value)),
    )
  })

  it.each(cases.filter(({ refused }) => refused !== null))('is refused: $name', (own) => {
    expect(() => readNpy('x.npy', bytesOf(own))).toThrow(
      expect.objectContaining({ name: 'DataError', code: own.refused }) as Error,
    )
  })

  it('that is damaged is refused', () => {
    const whole = named('<f8')
    const text = new TextDecoder('latin1').decode(whole)
    const changed = (from: string, to: string) =>
      Uint8Array.from(text.replace(from, to), (c) => c.charCodeAt(0))
    for (const bytes of [
      whole.subarray(0, 8),
      whole.subarray(0, 40),
      whole.subarray(0, -1),
      Uint8Array.from([...whole, 0]),
      whole.with(6, 4),
      whole.with(9, 255),
      changed('(2, 3, 2)', '(2, 3, 9)'),
      changed('(2, 3, 2)', '(-2, 3,2)'),
      changed('(2, 3, 2)', '(9e9,9e9)'),
      changed("'shape'", "'shapf'"),
      changed('False', 'Fabse'),
    ])
      expect(() => readNpy('x.npy', bytes)).toThrow(
        expect.objectContaining({ code: 'broken-array' }) as Error,
      )
  })
})
