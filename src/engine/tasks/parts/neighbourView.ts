import type { DataFacts } from '../../../core/dataFacts.ts'
import type { TaskView } from '../../../core/taskView.ts'
import { nearest, unitRows } from '../../evaluation/neighbours.ts'
import type { ItemViewAt, MeasuredBatch } from '../defineTask.ts'
import { collectVectors } from './itemVectors.ts'

const mostQueries = 8
const shown = 6

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
  const queries = Array.from({ length: Math.min(mostQueries, places.length) }, (_, i) => i * step)
  return {
    kind: 'neighbours',
    rows: queries.map((query) => ({
      query: seen(query),
      nearest: nearest(rows, { width, query, count: shown }).map((item) => seen(item)),
    })),
  }
}
