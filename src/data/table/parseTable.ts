import { DataError } from '../../core/errors.ts'
import { guessLayout, hasHeaderRow } from '../importers/csv/layout.ts'
import { parseRows } from '../importers/csv/rows.ts'

/** Rows of named columns, each cell as it was written, without white space around it. */
export interface Table {
  readonly columns: readonly string[]
  /** Each as long as `columns`. */
  readonly rows: readonly (readonly string[])[]
  /** Rows that had another number of cells and were left out. */
  readonly skipped: number
}

const sampleLength = 262144

/** A table of text, parted by comma, tab, semicolon or bar. Throws `broken-csv`, `table-too-small`. */
export function parseTable(text: string): Table {
  const isWhole = text.length <= sampleLength
  const layout = guessLayout(isWhole ? text : text.slice(0, sampleLength), isWhole)
  const { data, errors } = parseRows(text, layout.delimiter, true)
  if (errors.some(({ code }) => code === 'MissingQuotes')) {
    throw new DataError('Table: it opens a quote that is never closed', {
      code: 'broken-csv',
      remedy: 'Close the quote: a quote inside a quoted cell is written twice.',
    })
  }
  const cells = data
    .map((row) => row.map((cell) => cell.trim()))
    .filter((row) => row.some((cell) => cell !== ''))
  const hasHeader = hasHeaderRow(layout)
  const columns = hasHeader
    ? named(cells[0]!.slice(0, layout.columns))
    : Array.from({ length: layout.columns }, (_, i) => `column ${i + 1}`)
  const body = hasHeader ? cells.slice(1) : cells
  const rows = body.filter((row) => row.length === columns.length)
  if (columns.length < 2 || rows.length < 2) {
    throw new DataError(
      `Table: must have at least 2 columns and 2 rows, got ${columns.length} and ${rows.length}`,
      {
        code: 'table-too-small',
        remedy: 'Give a file with one row a line and its columns parted by commas.',
      },
    )
  }
  return { columns, rows, skipped: body.length - rows.length }
}

/** Without the sign that they are names. Columns without a name, or with another's, are called by their number too. */
function named(row: readonly string[]): string[] {
  const cells = row.with(0, row[0]!.replace(/^#\s*/, ''))
  return cells.map((cell, i) =>
    cell === '' ? `column ${i + 1}` : cells.indexOf(cell) < i ? `${cell} (${i + 1})` : cell,
  )
}
