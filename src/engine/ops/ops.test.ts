import { describe, expect, it } from 'vitest'
import { catalogEntries } from './catalogEntries.ts'
import { hasNonFinite } from './nonFinite.ts'

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
