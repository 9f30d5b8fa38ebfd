import { isMissing, isNumeric, mostValues } from '../table/columns.ts'
import { parseTable, type Table } from '../table/parseTable.ts'
import { areTimes } from '../table/readTime.ts'
import { commonest, spreadOf, type Spread } from './spread.ts'

const mostShown = 20
const previewRows = 5

/** What the values of a column are. A category has few different ones, a text many; `empty` has none. */
export type ColumnType = 'whole number' | 'number' | 'yes or no' | 'time' | 'category' | 'text' | 'empty'

export interface ColumnDescription {
  readonly name: string
  readonly type: ColumnType
  /** Cells that say that there is no value. */
  readonly missing: number
  readonly distinct: number
  /** Of numbers. */
  readonly spread: Spread | null
  /** Of texts, in UTF-16 units. */
  readonly lengths: Spread | null
  /** The commonest values of a category. */
  readonly values: readonly { readonly value: string; readonly count: number }[]
}

export interface TableDescription {
  readonly kind: 'table'
  readonly rows: number
  /** Rows that had another number of cells and were left out. */
  readonly skipped: number
  readonly columns: readonly ColumnDescription[]
  /** The first rows. */
  readonly preview: readonly (readonly string[])[]
}

/** Throws what `parseTable` throws. */
export function describeTable(bytes: Uint8Array): { table: Table; description: TableDescription } {
  const table = parseTable(new TextDecoder().decode(bytes))
  const { columns, rows, skipped } = table
  const described = columns.map((name, column) =>
    describeColumn(
      name,
      rows.map((row) => row[column]!),
    ),
  )
  const description: TableDescription = {
    kind: 'table',
    rows: rows.length,
    skipped,
    columns: described,
    preview: rows.slice(0, previewRows),
  }
  return { table, description }
}

export function describeColumn(name: string, cells: readonly string[]): ColumnDescription {
  const there = cells.filter((cell) => !isMissing(cell))
  const distinct = new Set(there).size
  const type = typeOf(there, distinct)
  const isNumber = type === 'number' || type === 'whole number'
  return {
    name,
    type,
    missing: cells.length - there.length,
    distinct,
    spread: isNumber ? spreadOf(there.map(Number)) : null,
    lengths: type === 'text' ? spreadOf(there.map(({ length }) => length)) : null,
    values: type === 'category' || type === 'yes or no' ? commonest(there, mostShown) : [],
  }
}

const yesOrNo = [
  ['true', 'false'],
  ['yes', 'no'],
]

function typeOf(there: readonly string[], distinct: number): ColumnType {
  if (there.length === 0) return 'empty'
  if (isNumeric(there))
    return there.every((cell) => /^\s*[+-]?\d+\s*$/.test(cell)) ? 'whole number' : 'number'
  if (yesOrNo.some((pair) => there.every((cell) => pair.includes(cell.toLowerCase())))) return 'yes or no'
  if (areTimes(there)) return 'time'
  // As a table is learned from: what has more values than a category may is a text or a name.
  return distinct <= mostValues && (distinct * 2 <= there.length || distinct <= 10) ? 'category' : 'text'
}
