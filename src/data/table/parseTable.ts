import { DataError } from '../../core/errors.ts'
import { asFound, type Reading } from '../../core/reading.ts'
import {
  delimiterOf,
  guessLayout,
  hasHeaderRow,
  layoutWith,
  type TableLayout,
} from '../importers/csv/layout.ts'
import { parseRows } from '../importers/csv/rows.ts'

/** Rows of named columns, each cell as it was written, without white space around it. */
export interface Table {
  readonly columns: readonly string[]
  /** Each as long as `columns`. */
  readonly rows: readonly (readonly string[])[]
  /** Rows that had another number of cells and were left out. */
  readonly skipped: number
}

/** What the layout is told from: so many UTF-16 units, or so many lines where these are longer, as of tables with many columns. */
const sampleLength = 262144
const sampleLines = 5
const mostSampleLength = 16_000_000

/** A first line that says what parts the cells, as spreadsheets write it. */
const toldDelimiter = /^sep=([,;\t|])\n/

/** How the text of a table is laid out. */
export interface TextLayout {
  /** The table itself. */
  readonly text: string
  readonly layout: TableLayout
  readonly hasHeader: boolean
}

/** As it is found, but for what is told. */
export function layoutOf(text: string, told: Pick<Reading, 'delimiter' | 'header'> = asFound): TextLayout {
  const line = toldDelimiter.exec(text)
  const body = line ? text.slice(line[0].length) : text
  const sample = body.slice(
    0,
    Math.max(sampleLength, Math.min(mostSampleLength, endOfLine(body, sampleLines))),
  )
  const isWhole = sample.length === body.length
  const delimiter = told.delimiter === 'auto' ? line?.[1] : delimiterOf[told.delimiter]
  const layout =
    delimiter === undefined ? guessLayout(sample, isWhole) : layoutWith(sample, isWhole, delimiter)
  return {
    text: body,
    layout,
    hasHeader: told.header === 'auto' ? hasHeaderRow(layout) : told.header === 'yes',
  }
}

/** Where the line of this number ends, or the text before it. */
function endOfLine(text: string, lines: number): number {
  let end = 0
  for (let i = 0; i < lines; i++) {
    const next = text.indexOf('\n', end)
    if (next === -1) return text.length
    end = next + 1
  }
  return end
}

/** A table of text, parted by comma, tab, semicolon or bar: as its first line says or as its rows tell. Throws `broken-csv`, `table-too-small`. */
export function parseTable(whole: string, { text, layout, hasHeader } = layoutOf(whole)): Table {
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
  const seen = new Set<string>()
  return row.with(0, row[0]!.replace(/^#\s*/, '')).map((cell, i) => {
    if (cell === '') return `column ${i + 1}`
    if (seen.has(cell)) return `${cell} (${i + 1})`
    seen.add(cell)
    return cell
  })
}
