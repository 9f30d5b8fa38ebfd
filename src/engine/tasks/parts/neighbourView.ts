import type { DataFacts } from '../../../core/dataFacts.ts'
import { retrievalReport, type RetrievalReport } from '../../../core/retrievalReport.ts'
import type { TaskView } from '../../../core/taskView.ts'
import { nearest, rankedRows, unitRows } from '../../evaluation/neighbours.ts'
import type { ItemViewAt, MeasuredBatch } from '../defineTask.ts'
import { collectVectors } from './itemVectors.ts'

const mostQueries = 8
const shown = 6
/** Of more items so many ask, evenly spread: each is compared with all others. */
const mostAsked = 500
/** As usual in tables. */
const firsts = [1, 10]

/** Some items of the validation, each with those that lie nearest. */
export function viewNeighbours(
  batches: readonly MeasuredBatch[],
  facts: DataFacts,
  itemAt: ItemViewAt,
): TaskView | null {
  const measured = collectVectors(batches, facts)
  const { width, labels } = measured
  const places = batches.flatMap(({ places: own, validItems }) =>
    own === null ? [] : [...own.subarray(0, validItems)],
  )
  if (places.length < 2) return null
  const rows = unitRows(measured)
  const step = Math.max(1, Math.floor(places.length / mostQueries))
  const seen = (item: number) => ({
    item: itemAt(places[item]!),
    words: facts.classes?.[labels?.[item] ?? -1] ?? '',
  })
  const classed = labels && { labels, asked: evenly(places.length, mostAsked) }
  const queries = Array.from({ length: Math.min(mostQueries, places.length) }, (_, i) => i * step)
  return {
    kind: 'neighbours',
    rows: queries.map((query) => ({
      query: seen(query),
      nearest: nearest(rows, { width, query, count: shown }).map((item) => seen(item)),
    })),
    ...(classed && { found: retrieval(rows, { width, ...classed }) }),
  }
}

function evenly(count: number, most: number): number[] {
  const asked = Math.min(count, most)
  return Array.from({ length: asked }, (_, i) => Math.floor((i * count) / asked))
}

/** Each item that asks finds all others, and those of its class are right. */
function retrieval(
  rows: Float64Array,
  { width, labels, asked }: { width: number; labels: Int32Array; asked: readonly number[] },
): RetrievalReport {
  const rankings = asked.map((query) =>
    rankedRows(rows, rows, { width, query })
      .filter((item) => item !== query)
      .map((item) => labels[item] === labels[query]),
  )
  return retrievalReport(rankings, firsts)
}
