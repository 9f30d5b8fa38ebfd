import { describe, expect, it } from 'vitest'
import { lowerBound, nearestIndex, thin, visibleSpan } from './thinning.ts'

const steps = Float64Array.from({ length: 20_000 }, (_, i) => i)
const values = steps.map((step) => Math.sin(step / 500) + Math.sin(step * 78.233) * 0.2)
const all = { from: 0, to: steps.length }

describe('thin', () => {
  it('keeps every point of a short curve', () => {
    expect(thin(steps, values, { from: 10, to: 60 }, 100)).toEqual(
      Array.from({ length: 50 }, (_, i) => i + 10),
    )
  })

  it('keeps the least and the greatest value of each column of pixels', () => {
    const columns = 100
    const kept = new Set(thin(steps, values, all, columns))
    const width = (steps.length - 1) / columns
    for (let column = 0; column < columns; column++) {
      const inside = [...steps.keys()].filter((i) => Math.floor(i / width) === column)
      const keptHere = inside.filter((i) => kept.has(i)).map((i) => values[i]!)
      expect(Math.min(...keptHere)).toBe(Math.min(...inside.map((i) => values[i]!)))
      expect(Math.max(...keptHere)).toBe(Math.max(...inside.map((i) => values[i]!)))
    }
  })

  it('gives ascending indices without repeats, few a column, with both ends', () => {
    const kept = thin(steps, values, all, 300)
    expect(kept.length).toBeLessThanOrEqual(301 * 5)
    expect(kept[0]).toBe(0)
    expect(kept.at(-1)).toBe(steps.length - 1)
    for (let i = 1; i < kept.length; i++) expect(kept[i]).toBeGreaterThan(kept[i - 1]!)
  })

  it('keeps one value that is not finite, so that its gap shows', () => {
    const holed = Float64Array.from(values)
    holed[7_777] = NaN
    expect(thin(steps, holed, all, 50)).toContain(7_777)
  })

  it('spreads its columns evenly over a logarithmic axis', () => {
    const kept = thin(steps, values, { from: 1, to: steps.length }, 100, Math.log10)
    expect(kept.slice(0, 5)).toEqual([1, 2, 3, 4, 5])
  })

  it('draws points that all stand at one x as one column', () => {
    const still = new Float64Array(500)
    expect(thin(still, values, { from: 0, to: 500 }, 10).length).toBeLessThanOrEqual(5)
  })
})

describe('visibleSpan', () => {
  it('takes one neighbour at each side', () => {
    expect(visibleSpan([0, 10, 20, 30, 40], 15, 30)).toEqual({ from: 1, to: 5 })
    expect(visibleSpan([0, 10, 20], -5, 100)).toEqual({ from: 0, to: 3 })
  })
  it('is empty for an empty curve', () => {
    expect(visibleSpan([], 0, 1)).toEqual({ from: 0, to: 0 })
  })
})

describe('nearestIndex', () => {
  it('agrees with a search of all points', () => {
    const xs = [0, 3, 4, 9, 20]
    for (let x = -2; x < 25; x += 0.25) {
      const distances = xs.map((value) => Math.abs(value - x))
      expect(distances[nearestIndex(xs, x)]).toBe(Math.min(...distances))
    }
    expect(nearestIndex([], 3)).toBe(-1)
    expect(lowerBound(xs, 4)).toBe(2)
  })
})
