import type { Measured } from './defineMetric.ts'

/** Rows divided by their length, in float64; a row of zeros stays one. */
export function unitRows({ vectors, width }: Pick<Measured['vectors'], 'vectors' | 'width'>): Float64Array {
  const rows = Float64Array.from(vectors)
  for (let at = 0; at < rows.length; at += width) {
    let squares = 0
    for (let i = at; i < at + width; i++) squares += rows[i]! ** 2
    const length = Math.sqrt(squares)
    if (length > 0) for (let i = at; i < at + width; i++) rows[i]! /= length
  }
  return rows
}

/** All rows of `rows` by their product with row `query` of `queries`, the largest first, the first of equals first. */
export function rankedRows(
  queries: Float64Array,
  rows: Float64Array,
  { width, query }: { width: number; query: number },
): number[] {
  const own = query * width
  const scores = Float64Array.from({ length: rows.length / width }, (_, item) => {
    let score = 0
    for (let i = 0; i < width; i++) score += queries[own + i]! * rows[item * width + i]!
    return score
  })
  return Array.from(scores.keys()).sort((a, b) => scores[b]! - scores[a]! || a - b)
}

/** The other rows with the largest product with row `query`, the first of equals first. */
export function nearest(
  rows: Float64Array,
  { width, query, count }: { width: number; query: number; count: number },
): number[] {
  const best: { item: number; score: number }[] = []
  const own = query * width
  for (let item = 0; item * width < rows.length; item++) {
    if (item === query) continue
    let score = 0
    for (let i = 0; i < width; i++) score += rows[own + i]! * rows[item * width + i]!
    if (best.length === count && score <= best[count - 1]!.score) continue
    let at = best.length
    while (at > 0 && best[at - 1]!.score < score) at--
    best.splice(at, 0, { item, score })
    if (best.length > count) best.pop()
  }
  return best.map(({ item }) => item)
}
