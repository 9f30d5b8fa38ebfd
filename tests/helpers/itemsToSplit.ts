import type { DealingSplit } from '../../src/data/splits/defineSplit.ts'
import type { Side, SplitItems } from '../../src/data/splits/parts/splitItems.ts'
import { splits } from '../../src/data/splits/registry.ts'

/** Items of which all are different, but for what is said. */
export function itemsToSplit(
  count: number,
  known: {
    labels?: readonly number[]
    numbers?: readonly number[]
    columns?: Readonly<Record<string, readonly string[]>>
    contents?: readonly string[]
  } = {},
): SplitItems {
  const { labels, numbers, columns = {}, contents } = known
  return {
    count,
    labels: labels ? Int32Array.from(labels) : null,
    numbers: numbers ? Float64Array.from(numbers) : null,
    columns: Object.keys(columns),
    cells: (name) => columns[name]!,
    contents: () => contents ?? Array.from({ length: count }, (_, item) => `item ${item}`),
  }
}

export function dealingSplit(id: string): DealingSplit {
  const split = splits.get(id)
  if (split.of !== 'items') throw new Error(`${id} does not deal items out`)
  return split
}

/** Places of the items on one side. */
export function placesOf(sides: readonly Side[], wanted: Side): number[] {
  return sides.flatMap((side, place) => (side === wanted ? [place] : []))
}
