import { expect, it } from 'vitest'
import { Generator } from '../../../core/rng.ts'
import { searchOf } from './refreshNeighbours.ts'

const [count, width] = [30, 5]
const a = new Generator(1, 'tests/a').normals(count * width)
const b = new Generator(2, 'tests/b').normals(count * width)
/** Each text stands twice. */
const ids = Int32Array.from({ length: count }, (_, i) => i >> 1)

function cosine(x: Float32Array, i: number, y: Float32Array, j: number): number {
  const [u, v] = [x.subarray(i * width, (i + 1) * width), y.subarray(j * width, (j + 1) * width)]
  return u.reduce((sum, value, k) => sum + value * v[k]!, 0) / Math.hypot(...u) / Math.hypot(...v)
}

it('finds what either side is nearest to, but not what has the same text', () => {
  const search = searchOf({ a, b, ids, width })
  for (let row = 0; row < count; row++) {
    const expected = [...ids.keys()]
      .filter((other) => ids[other] !== ids[row])
      .map((other) => ({ other, score: cosine(a, row, b, other) + cosine(a, other, b, row) }))
      .sort((x, y) => y.score - x.score)
      .slice(0, 4)
      .map(({ other }) => other)
    expect(search(row, 4)).toEqual(expected)
  }
  expect(search(0, 100)).toHaveLength(count - 2)
})
