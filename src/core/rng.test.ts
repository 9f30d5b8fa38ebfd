import { describe, expect, it } from 'vitest'
import { Generator, philox4x32 } from './rng.ts'

const hex = (words: Uint32Array) => [...words].map((word) => word.toString(16).padStart(8, '0')).join(' ')
const ones = 0xffffffff

describe('philox4x32', () => {
  // Known answers from the authors' Random123 distribution, file kat_vectors, lines "philox4x32 10".
  it('gives the published numbers', () => {
    expect(hex(philox4x32([0, 0, 0, 0], [0, 0]))).toBe('6627e8d5 e169c58d bc57ac4c 9b00dbd8')
    expect(hex(philox4x32([ones, ones, ones, ones], [ones, ones]))).toBe(
      '408f276d 41c83b0e a20bc7c6 6d5451fd',
    )
    expect(hex(philox4x32([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0]))).toBe(
      'd16cfe09 94fdcceb 5001e420 24126ea1',
    )
  })
})

describe('Generator', () => {
  it('separates seeds, purposes, steps and indices', () => {
    const words = new Set<number>()
    for (const seed of [0, 1]) {
      for (const purpose of ['order', 'sample']) {
        const generator = new Generator(seed, purpose)
        for (let step = 0; step < 8; step++) for (let i = 0; i < 16; i++) words.add(generator.uint32(step, i))
      }
    }
    expect(words.size).toBe(2 * 2 * 8 * 16)
  })

  it('is uniform by a chi-squared test of 64 bins', () => {
    const generator = new Generator(7, 'test')
    const bins = new Float64Array(64)
    const count = 64_000
    for (let i = 0; i < count; i++) bins[Math.floor(generator.uniform(3, i) * 64)]!++
    const expected = count / 64
    const chi = bins.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0)
    // 63 degrees of freedom: the 0.1 % and 99.9 % points.
    expect(chi).toBeGreaterThan(32)
    expect(chi).toBeLessThan(104)
  })

  it('makes normals of mean 0 and variance 1', () => {
    const values = new Generator(1, 'init/x').normals(40_001)
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
    expect(Math.abs(mean)).toBeLessThan(0.02)
    expect(Math.abs(variance - 1)).toBeLessThan(0.03)
    expect(values.every(Number.isFinite)).toBe(true)
  })

  it('draws whole numbers below a bound, each as often', () => {
    const generator = new Generator(2, 'order')
    const counts = new Float64Array(5)
    for (let i = 0; i < 10_000; i++) counts[generator.below(5, 0, i)]!++
    expect(counts.every((n) => Math.abs(n - 2000) < 200)).toBe(true)
  })

  it('permutes without loss', () => {
    const order = new Generator(3, 'order').permutation(1000, 4)
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i))
    expect([...order]).not.toEqual([...new Generator(3, 'order').permutation(1000, 5)])
  })
})
