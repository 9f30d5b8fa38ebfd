import { describe, expect, it } from 'vitest'
import { drawMix, mixLabels, mixPictures, type Mix } from './mixItems.ts'

const size = { height: 8, width: 6 }
const at = (step: number) => ({ seed: 5, step, firstRow: 0 })
const draws = (mixing: Parameters<typeof drawMix>[0], count = 4000): Mix[] =>
  Array.from({ length: count }, (_, step) => drawMix(mixing, at(step), size)!)
const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

describe('shares of mixed pictures', () => {
  it.each([0.1, 0.2, 1, 4])('have the moments of Beta(%f, the same)', (alpha) => {
    const shares = draws({ kind: 'mixup', alpha }).map(({ share }) => share)
    expect(Math.min(...shares)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...shares)).toBeLessThanOrEqual(1)
    // Four standard errors; the variance of Beta(a, a) is 1 / (4 (2a + 1)).
    const variance = 1 / (4 * (2 * alpha + 1))
    expect(Math.abs(mean(shares) - 0.5)).toBeLessThan(4 * Math.sqrt(variance / shares.length))
    expect(mean(shares.map((share) => (share - 0.5) ** 2)) / variance).toBeCloseTo(1, 0.9)
  })

  it('depend on seed, step and row alone, and are none for a validation', () => {
    const mixing = { kind: 'cutmix', alpha: 1 } as const
    expect(drawMix(mixing, at(3), size)).toEqual(drawMix(mixing, at(3), size))
    expect(drawMix(mixing, at(3), size)).not.toEqual(drawMix(mixing, at(4), size))
    expect(drawMix(mixing, null, size)).toBeNull()
    expect(drawMix({ kind: 'none' }, at(3), size)).toBeNull()
  })

  it('of CutMix are what its boxes leave', () => {
    for (const { share, box } of draws({ kind: 'cutmix', alpha: 1 }, 200)) {
      const { top, left, bottom, right } = box!
      expect([top, left].every((value) => value >= 0)).toBe(true)
      expect(bottom <= size.height && right <= size.width).toBe(true)
      expect(share).toBeCloseTo(1 - ((bottom - top) * (right - left)) / (size.height * size.width), 12)
    }
  })
})

describe('mixed pictures', () => {
  const two = { height: 2, width: 2, channels: 1 }
  const values = Float32Array.of(1, 2, 3, 4, 10, 20, 30, 40)

  it('are laid over each other, or have a rectangle of the next row', () => {
    expect([...mixPictures(values, { share: 0.75, box: null }, two)].slice(0, 4)).toEqual([
      3.25, 6.5, 9.75, 13,
    ])
    const box = { top: 0, left: 1, bottom: 2, right: 2 }
    expect([...mixPictures(values, { share: 0.5, box }, two)]).toEqual([1, 20, 3, 40, 10, 2, 30, 4])
  })

  it('have the classes of both, each by its share', () => {
    const labels = Int32Array.of(0, 2, 2, -1)
    const rows = mixLabels(labels, 3, { share: 0.75, box: null })
    expect([...rows]).toEqual([0.75, 0, 0.25, 0, 0, 1, 0, 0, 0.75, 0.25, 0, 0])
    expect([...mixLabels(labels, 3, null)]).toEqual([1, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0])
  })
})
