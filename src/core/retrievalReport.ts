/** Means over queries of what is among the first `first` items that were found. */
export interface RetrievalAt {
  readonly first: number
  /** Share of queries that found one that is right. */
  readonly anyHit: number
  /** Share of those that are right that were found. */
  readonly recall: number
  /** Share of those that were found that is right. */
  readonly precision: number
  /** Gain of right items, discounted by log₂ of their rank, by that of the best order (Järvelin and Kekäläinen 2002). */
  readonly gain: number
}

/** How well queries find what is right, each among a ranked list. Plain data. */
export interface RetrievalReport {
  readonly queries: number
  /** Queries for which nothing is right count 0 in all means but this one's. */
  readonly averagePrecision: number | null
  /** Mean over queries of 1 / rank of the first that is right. */
  readonly reciprocalRank: number
  readonly at: readonly RetrievalAt[]
}

/**
 * @param rankings of each query, from the first to the last item that it could find, whether that is right
 * @param firsts lengths that are looked at
 */
export function retrievalReport(
  rankings: readonly (readonly boolean[])[],
  firsts: readonly number[],
): RetrievalReport {
  const mean = (values: readonly number[]) =>
    values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length
  const precisions = rankings.map(averagePrecisionOf).filter((value) => value !== null)
  return {
    queries: rankings.length,
    averagePrecision: precisions.length === 0 ? null : mean(precisions),
    reciprocalRank: mean(rankings.map((ranking) => 1 / (ranking.indexOf(true) + 1 || Infinity))),
    at: firsts.map((first) => {
      const found = rankings.map((ranking) => ({
        hits: count(ranking.slice(0, first)),
        right: count(ranking),
        gain: gainOf(ranking.slice(0, first)),
        best: gainOf(Array.from({ length: Math.min(first, count(ranking)) }, () => true)),
      }))
      return {
        first,
        anyHit: mean(found.map(({ hits }) => Number(hits > 0))),
        recall: mean(found.map(({ hits, right }) => (right === 0 ? 0 : hits / right))),
        precision: mean(found.map(({ hits }) => hits / first)),
        gain: mean(found.map(({ gain, best }) => (best === 0 ? 0 : gain / best))),
      }
    }),
  }
}

/** Mean over items that are right of the precision up to their rank; null where there are none. */
export function averagePrecisionOf(ranking: readonly boolean[]): number | null {
  let [right, sum] = [0, 0]
  ranking.forEach((isRight, place) => {
    if (isRight) sum += ++right / (place + 1)
  })
  return right === 0 ? null : sum / right
}

function count(ranking: readonly boolean[]): number {
  return ranking.reduce((sum, isRight) => sum + Number(isRight), 0)
}

function gainOf(ranking: readonly boolean[]): number {
  return ranking.reduce((sum, isRight, place) => sum + (isRight ? 1 / Math.log2(place + 2) : 0), 0)
}
