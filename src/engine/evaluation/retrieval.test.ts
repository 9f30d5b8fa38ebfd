import { describe, expect, it } from 'vitest'
import { Generator } from '../../core/rng.ts'
import type { Measured } from './defineMetric.ts'
import { metrics } from './registry.ts'
import { bestMatches, ranksOf } from './retrieval.ts'

const generator = new Generator(5, 'tests/retrieval')

function pairs(count: number, noise: number, width = 4): Measured['pairs'] {
  const a = generator.normals(count * width)
  const b = generator.normals(count * width, 1).map((value, i) => 3 * (a[i]! + noise * value))
  return { a, b, ids: Int32Array.from({ length: count }, (_, i) => i), width }
}

const valueOf = (id: string, measured: Measured['pairs']) => metrics.get(id).compute(measured)!

describe('ranks of what belongs together', () => {
  it('are those of a slow sort, in both directions', () => {
    const measured = pairs(20, 0.7)
    const { a, b, width } = measured
    const row = (from: Float32Array, item: number) => [...from.subarray(item * width, (item + 1) * width)]
    const cosine = (x: number[], y: number[]) =>
      x.reduce((sum, value, i) => sum + value * y[i]!, 0) / Math.hypot(...x) / Math.hypot(...y)
    for (const [direction, from, to] of [
      ['a to b', a, b],
      ['b to a', b, a],
    ] as const) {
      const slow = Array.from({ length: 20 }, (_, query) => {
        const scores = Array.from({ length: 20 }, (_, item) => cosine(row(from, query), row(to, item)))
        const order = [...scores.keys()].sort((x, y) => scores[y]! - scores[x]!)
        const found = bestMatches(measured, { direction, query, count: 5 })
        expect(found.map(({ item }) => item)).toEqual(order.slice(0, 5))
        return order.indexOf(query) + 1
      })
      expect([...ranksOf(measured, direction)]).toEqual(slow)
    }
  })

  it('take the best of several right answers', () => {
    const measured = pairs(4, 0)
    const twins = { ...measured, ids: Int32Array.of(0, 1, 1, 2), b: measured.b.slice() }
    // The first of the twins points elsewhere; the second answers for it.
    twins.b.set(measured.b.subarray(8, 12), 4)
    twins.a.set(measured.a.subarray(8, 12), 4)
    expect([...ranksOf(twins, 'a to b')]).toEqual([1, 1, 1, 1])
  })
})

describe('metrics of retrieval', () => {
  it('are perfect where both sides agree, and by chance where they do not', () => {
    const exact = pairs(50, 0)
    expect(['recallAt1', 'recallAt5', 'medianRank'].map((id) => valueOf(id, exact))).toEqual([1, 1, 1])
    const unlike = { ...pairs(200, 0), b: generator.normals(800, 7) }
    expect(valueOf('recallAt5', unlike)).toBeLessThan(0.08)
    expect(Math.abs(valueOf('medianRank', unlike) - 100)).toBeLessThan(25)
  })

  it('find nothing in vectors that are all equal', () => {
    const flat = { ...pairs(10, 0), a: new Float32Array(40).fill(1), b: new Float32Array(40).fill(1) }
    expect([valueOf('recallAt1', flat), valueOf('recallAt5', flat), valueOf('medianRank', flat)]).toEqual([
      0, 0, 10,
    ])
  })
})
