/** How numbers are spread: of whole columns, of the lengths of texts. */
export interface Spread {
  readonly count: number
  readonly min: number
  readonly median: number
  readonly max: number
  readonly mean: number
  /** Standard deviation of a population. */
  readonly deviation: number
}

/** Null where there are none. The median of an even number is the mean of the middle two. */
export function spreadOf(numbers: readonly number[]): Spread | null {
  const count = numbers.length
  if (count === 0) return null
  const sorted = Float64Array.from(numbers).sort()
  const mean = sorted.reduce((sum, value) => sum + value / count, 0)
  const variance = sorted.reduce((sum, value) => sum + (value - mean) ** 2 / count, 0)
  const middle = count >> 1
  const median = count % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
  return { count, min: sorted[0]!, median, max: sorted[count - 1]!, mean, deviation: Math.sqrt(variance) }
}

/** Values by how often they stand there, the commonest first, at most `most` of them; equal ones by letters. */
export function commonest(values: Iterable<string>, most: number): { value: string; count: number }[] {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts]
    .sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1))
    .slice(0, most)
    .map(([value, count]) => ({ value, count }))
}
