/** Part of a curve, as indices: `from` inclusive, `to` exclusive. */
export interface Span {
  from: number
  to: number
}

/** The indices within [min, max] of ascending `xs`, with one neighbour at each side so that lines leave the frame. */
export function visibleSpan(xs: ArrayLike<number>, min: number, max: number): Span {
  const from = Math.max(0, lowerBound(xs, min) - 1)
  let to = lowerBound(xs, max)
  while (to < xs.length && xs[to]! <= max) to++
  return { from, to: Math.min(xs.length, to + 1) }
}

/** First index whose x is not less than `x`. `xs` ascend. */
export function lowerBound(xs: ArrayLike<number>, x: number): number {
  let low = 0
  let high = xs.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (xs[middle]! < x) low = middle + 1
    else high = middle
  }
  return low
}

/** Index of the point nearest to `x`; -1 when there is none. */
export function nearestIndex(xs: ArrayLike<number>, x: number): number {
  const right = lowerBound(xs, x)
  if (right === 0) return xs.length === 0 ? -1 : 0
  if (right === xs.length) return right - 1
  return x - xs[right - 1]! <= xs[right]! - x ? right - 1 : right
}

/**
 * Indices of the points worth drawing: of each of `columns` columns of pixels the first, the last, the least, the
 * greatest and the first that is not finite, in order. The picture is the same as with all points.
 * `position` maps x to the axis (a logarithm, or x itself).
 */
export function thin(
  xs: ArrayLike<number>,
  ys: ArrayLike<number>,
  span: Span,
  columns: number,
  position: (x: number) => number = (x) => x,
): number[] {
  const count = span.to - span.from
  if (count <= columns * 2) return Array.from({ length: count }, (_, i) => span.from + i)
  const start = position(xs[span.from]!)
  const width = (position(xs[span.to - 1]!) - start) / columns || 1
  const kept: number[] = []
  let i = span.from
  while (i < span.to) {
    const column = Math.floor((position(xs[i]!) - start) / width)
    const first = i
    let least = -1
    let greatest = -1
    let notFinite = -1
    for (; i < span.to && (i === first || Math.floor((position(xs[i]!) - start) / width) === column); i++) {
      const y = ys[i]!
      if (!Number.isFinite(y)) {
        if (notFinite < 0) notFinite = i
        continue
      }
      if (least < 0 || y < ys[least]!) least = i
      if (greatest < 0 || y > ys[greatest]!) greatest = i
    }
    const chosen = [first, least, greatest, notFinite, i - 1]
      .filter((index) => index >= 0)
      .sort((a, b) => a - b)
    for (const index of chosen) if (kept.at(-1) !== index) kept.push(index)
  }
  return kept
}
