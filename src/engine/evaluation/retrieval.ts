import type { Measured } from './defineMetric.ts'
import { unitRows } from './neighbours.ts'

/** An item that fits, and how well. */
export interface Match {
  readonly item: number
  readonly cosine: number
}

/** Which side of pairs is asked with, and which is searched. */
export type Direction = 'a to b' | 'b to a'

/**
 * Ranks by cosine, from 1, of the best right answer to each item: one that has its id. An answer as good as a right one counts
 * before it, so that vectors that are all equal find nothing.
 */
export function ranksOf({ a, b, ids, width }: Measured['pairs'], direction: Direction): Int32Array {
  const [queries, answers] = [a, b].map((vectors) => unitRows({ vectors, width })) as [
    Float64Array,
    Float64Array,
  ]
  const [from, to] = direction === 'a to b' ? [queries, answers] : [answers, queries]
  const scores = new Float64Array(ids.length)
  return Int32Array.from(ids, (id, query) => {
    let best = -Infinity
    for (let item = 0; item < ids.length; item++) {
      scores[item] = product(from, to, { query, item, width })
      if (ids[item] === id && scores[item]! > best) best = scores[item]!
    }
    let rank = 1
    for (let item = 0; item < ids.length; item++) if (ids[item] !== id && !(scores[item]! < best)) rank++
    return rank
  })
}

/** The items of the other side that fit row `query` best, the best first. */
export function bestMatches(
  { a, b, width }: Measured['pairs'],
  { direction, query, count }: { direction: Direction; query: number; count: number },
): Match[] {
  const [from, to] = direction === 'a to b' ? [a, b] : [b, a]
  const own = unitRows({ vectors: from.subarray(query * width, (query + 1) * width), width })
  const rows = unitRows({ vectors: to, width })
  const scores = Array.from({ length: rows.length / width }, (_, item) =>
    product(own, rows, { query: 0, item, width }),
  )
  return Array.from(scores.keys())
    .sort((x, y) => scores[y]! - scores[x]! || x - y)
    .slice(0, count)
    .map((item) => ({ item, cosine: scores[item]! }))
}

function product(
  from: Float64Array,
  to: Float64Array,
  { query, item, width }: { query: number; item: number; width: number },
): number {
  let sum = 0
  for (let i = 0; i < width; i++) sum += from[query * width + i]! * to[item * width + i]!
  return sum
}

/** Several metrics are made from the same ranks. */
const known = new WeakMap<Measured['pairs'], readonly number[]>()

/** Of all items, asked with either side. */
export function allRanks(measured: Measured['pairs']): readonly number[] {
  const ranks = known.get(measured) ?? [...ranksOf(measured, 'a to b'), ...ranksOf(measured, 'b to a')]
  known.set(measured, ranks)
  return ranks
}

/** Share of items, over both directions, whose right answer is among the first `most`. */
export function recallAt(measured: Measured['pairs'], most: number): number {
  const ranks = allRanks(measured)
  return ranks.filter((rank) => rank <= most).length / ranks.length
}
