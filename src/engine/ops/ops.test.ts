import { describe, expect, it } from 'vitest'
import { catalogEntries } from './catalogEntries.ts'
import { hasNonFinite } from './nonFinite.ts'
import { toFloat32 } from './toFloat32.ts'

describe('toFloat32', () => {
  it('widens half precision: normals, subnormals, infinities, signed zero', () => {
    const words = [0x3c00, 0xc000, 0x0001, 0x03ff, 0x0400, 0x7bff, 0x7c00, 0xfc00, 0x8000, 0x7e00]
    const wide = toFloat32('w', { dtype: 'float16', shape: [10], data: Uint16Array.from(words) })
    expect([...wide]).toEqual([
      1,
      -2,
      2 ** -24,
      1023 * 2 ** -24,
      2 ** -14,
      65504,
      Infinity,
      -Infinity,
      -0,
      NaN,
    ])
  })

  it('widens bfloat16 and rounds float64', () => {
    const brain = Uint16Array.from([0x3f80, 0xc040, 0x7f80])
    expect([...toFloat32('w', { dtype: 'bfloat16', shape: [3], data: brain })]).toEqual([1, -3, Infinity])
    expect([...toFloat32('w', { dtype: 'float64', shape: [1], data: Float64Array.of(0.1) })]).toEqual([
      Math.fround(0.1),
    ])
  })

  it('copies, so that the file’s bytes can go', () => {
    const data = Float32Array.of(1)
    const copy = toFloat32('w', { dtype: 'float32', shape: [1], data })
    data[0] = 2
    expect(copy[0]).toBe(1)
  })

  it('refuses whole numbers by name', () => {
    const tensor = { dtype: 'int32', shape: [1], data: Int32Array.of(1) } as const
    expect(() => toFloat32('h.0.attn.bias', tensor)).toThrow(/h\.0\.attn\.bias.*floating-point.*int32/)
  })
})

describe('hasNonFinite', () => {
  it('sees NaN and infinities of either sign, and a view’s part only', () => {
    for (const bad of [NaN, Infinity, -Infinity]) expect(hasNonFinite(Float32Array.of(0, bad))).toBe(true)
    expect(hasNonFinite(Float32Array.of(0, -0, 3.4e38, 1e-45))).toBe(false)
    expect(hasNonFinite(Float32Array.of(NaN, 1, 2).subarray(1))).toBe(false)
  })
})

describe('catalogEntries', () => {
  it('puts the default first and leaves functions behind', () => {
    const spec = (id: string) => ({ id, title: id, summary: id, fields: {}, compute: () => 0 })
    const entries = catalogEntries([spec('a'), spec('b'), spec('c')], 'b')
    expect(entries.map(({ id }) => id)).toEqual(['b', 'a', 'c'])
    expect(structuredClone(entries)).toEqual(entries)
  })
})
