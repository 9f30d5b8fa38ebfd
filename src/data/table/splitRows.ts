import { saysParts } from '../splits/parts/saysParts.ts'
import type { SplitItems } from '../splits/parts/splitItems.ts'
import type { ChosenColumns } from './chooseColumns.ts'
import type { Table } from './parseTable.ts'

/** The rows that have a target, as splits see them. */
export function splitRows({ columns }: Pick<Table, 'columns'>, chosen: ChosenColumns): SplitItems {
  const { rows, target, targetColumn } = chosen
  return {
    count: rows.length,
    labels: target.kind === 'class' ? target.labels : null,
    numbers: target.kind === 'number' ? target.numbers : null,
    columns,
    cells(column) {
      const at = columns.indexOf(column)
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
