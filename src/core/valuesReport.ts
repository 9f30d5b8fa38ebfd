import { median } from './median.ts'

/** How what was said goes with what is right. */
export interface ValuesReport {
  readonly items: number
  /** In the unit of the target. */
  readonly medianAbsoluteError: number
  /** Correlations, -1 to 1; null where one side never changes. */
  readonly pearson: number | null
  /** Of ranks (Spearman 1904); equals share the mean of theirs. */
  readonly spearman: number | null
  /** Of the order of every two items, equals taken out (Kendall's tau-b, 1945). */
  readonly kendall: number | null
}

/** Both [N], N >= 1. */
export function valuesReport(right: ArrayLike<number>, said: ArrayLike<number>): ValuesReport {
  const [a, b] = [Float64Array.from(right), Float64Array.from(said)]
  return {
    items: a.length,
    medianAbsoluteError: median(Array.from(a, (value, i) => Math.abs(value - b[i]!))),
    pearson: pearson(a, b),
    spearman: pearson(ranks(a), ranks(b)),
    kendall: kendall(a, b),
  }
}

function pearson(a: Float64Array, b: Float64Array): number | null {
  const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [ownMean, otherMean] = [mean(a), mean(b)]
  let [both, own, other] = [0, 0, 0]
  a.forEach((value, i) => {
    const [x, y] = [value - ownMean, b[i]! - otherMean]
    both += x * y
    own += x * x
    other += y * y
  })
  return own === 0 || other === 0 ? null : both / Math.sqrt(own * other)
}

function ranks(values: Float64Array): Float64Array {
  const order = inOrder(values)
  const found = new Float64Array(values.length)
  for (const { first, end } of runsOf(order, (place) => values[place]!))
    for (let i = first; i < end; i++) found[order[i]!] = (first + end - 1) / 2
  return found
}

/** By Knight's count of exchanges (1966): n log n. */
function kendall(a: Float64Array, b: Float64Array): number | null {
  const order = Array.from(a.keys()).sort((x, y) => a[x]! - a[y]! || b[x]! - b[y]!)
  const pairs = (count: number) => (count * (count - 1)) / 2
  const tied = (places: readonly number[], of: (place: number) => number) =>
    runsOf(places, of).reduce((sum, { first, end }) => sum + pairs(end - first), 0)
  const equalA = runsOf(order, (place) => a[place]!)
  const tiedA = equalA.reduce((sum, { first, end }) => sum + pairs(end - first), 0)
  const tiedBoth = equalA.reduce(
    (sum, { first, end }) => sum + tied(order.slice(first, end), (place) => b[place]!),
    0,
  )
  const all = pairs(a.length)
  const sorted = order.map((place) => b[place]!)
  const exchanges = sortCounting(sorted)
  const tiedB = tied(Array.from(sorted.keys()), (place) => sorted[place]!)
  if (all === tiedA || all === tiedB) return null
  return (all - tiedA - tiedB + tiedBoth - 2 * exchanges) / Math.sqrt((all - tiedA) * (all - tiedB))
}

/** Sorts in place by merging, and tells how many pairs stood the wrong way round. */
function sortCounting(values: number[]): number {
  let exchanges = 0
  for (let width = 1; width < values.length; width *= 2) {
    for (let first = 0; first + width < values.length; first += 2 * width) {
      const [left, right] = [
        values.slice(first, first + width),
        values.slice(first + width, first + 2 * width),
      ]
      let [i, j] = [0, 0]
      while (i < left.length || j < right.length) {
        const takesRight = j < right.length && (i === left.length || right[j]! < left[i]!)
        if (takesRight) exchanges += left.length - i
        values[first + i + j] = takesRight ? right[j]! : left[i]!
        if (takesRight) j++
        else i++
      }
    }
  }
  return exchanges
}

function inOrder(values: Float64Array): number[] {
  return Array.from(values.keys()).sort((x, y) => values[x]! - values[y]!)
}

/** Where neighbours in an order are equal. */
function runsOf(
  order: readonly number[],
  of: (place: number) => number,
): { readonly first: number; readonly end: number }[] {
  const found: { first: number; end: number }[] = []
  order.forEach((place, i) => {
    if (i > 0 && of(place) === of(order[i - 1]!)) found.at(-1)!.end = i + 1
    else found.push({ first: i, end: i + 1 })
  })
  return found
}
