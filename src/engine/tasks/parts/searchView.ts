import type { DataFacts } from '../../../core/dataFacts.ts'
import type { SearchRow, TaskView } from '../../../core/taskView.ts'
import { bestMatches, type Direction } from '../../evaluation/retrieval.ts'
import type { ItemViewAt, MeasuredBatch } from '../defineTask.ts'
import { collectPairs } from './pairVectors.ts'

const mostQueries = 6
const shown = 6

/** Some captions with the pictures that fit them best, and some pictures with the captions. */
export function viewSearch(
  batches: readonly MeasuredBatch[],
  _facts: DataFacts,
  itemAt: ItemViewAt,
): TaskView | null {
  const places = batches.flatMap(({ places: own, validItems }) =>
    own === null ? [] : [...own.subarray(0, validItems)],
  )
  if (places.length < 2) return null
  const measured = collectPairs(batches)
  const { ids } = measured
  const named = (item: number) => {
    const view = itemAt(places[item]!)
    return { item: view, words: view?.kind === 'picture' ? (view.caption ?? '') : '' }
  }
  const rows = (direction: Direction): SearchRow[] => {
    const count = Math.min(mostQueries, places.length)
    const step = Math.floor(places.length / count)
    return Array.from({ length: count }, (_, row) => {
      const query = row * step
      const found = bestMatches(measured, { direction, query, count: shown })
      return {
        query: named(query),
        found: found.map(({ item }) => ({ ...named(item), isRight: ids[item] === ids[query] })),
      }
    })
  }
  return { kind: 'search', byWords: rows('b to a'), byPicture: rows('a to b') }
}
