import { saysParts } from '../splits/parts/saysParts.ts'
import type { SplitItems } from '../splits/parts/splitItems.ts'
import type { ChosenColumns } from './chooseColumns.ts'
import type { Table } from './parseTable.ts'

/** The rows that have a target, as splits see them. */
export function splitRows({ columns }: Pick<Table, 'columns'>, chosen: ChosenColumns): SplitItems {
  const { rows, target, targetColumn } = chosen
  // Splits ask for every column by its name, of which there may be a hundred thousand. The first of a name counts.
  const places = new Map(columns.map((name, at): [string, number] => [name, at]).reverse())
  return {
    count: rows.length,
    labels: target.kind === 'class' ? target.labels : null,
    numbers: target.kind === 'number' ? target.numbers : null,
    columns,
    cells(column) {
      const at = places.get(column)!
      return rows.map((row) => row[at]!)
    },
    contents(except) {
      const own = columns.flatMap((name, at) =>
        at === targetColumn || name === except || saysParts(rows.map((row) => row[at]!)) ? [] : [at],
      )
      return rows.map((row) => {
        const cells = own.map((at) => row[at]!)
        return cells.every((cell) => cell === '') ? '' : JSON.stringify(cells)
      })
    },
  }
}
