import { DataError } from '../../../core/errors.ts'
import { looksNumeric } from '../../table/plainNumbers.ts'
import { parseRows } from './rows.ts'

/** How a table is laid out, as far as its first rows tell. */
export interface TableLayout {
  readonly delimiter: string
  /** Share of rows that have the commonest number of columns, 0 to 1. */
  readonly regularity: number
  readonly rows: readonly (readonly string[])[]
  readonly columns: number
}

/** Where two fit equally well, the one that is rarer in prose. */
const delimiters = ['\t', '|', ';', ',']
const sampleRows = 200
/** Unit separator: stands in no text, so that a row is one cell, commas included. */
const noDelimiter = '\x1f'

export function layoutWith(text: string, isWhole: boolean, delimiter: string): TableLayout {
  const rows = parseRows(text, delimiter, isWhole, sampleRows).data.filter(
    (row) => row.length > 1 || row[0]!.trim() !== '',
  )
  const counts = new Map<number, number>()
  for (const row of rows) counts.set(row.length, (counts.get(row.length) ?? 0) + 1)
  let columns = 1
  for (const [length, count] of counts) if (count > (counts.get(columns) ?? 0)) columns = length
  return {
    delimiter,
    rows,
    columns,
    regularity: rows.length === 0 ? 0 : (counts.get(columns) ?? 0) / rows.length,
  }
}

export const delimiterOf = { comma: ',', semicolon: ';', tab: '\t', bar: '|' } as const

/** What a delimiter is called; null for one that parts nothing. */
export function delimiterName(delimiter: string): keyof typeof delimiterOf | null {
  const names = Object.keys(delimiterOf) as (keyof typeof delimiterOf)[]
  return names.find((name) => delimiterOf[name] === delimiter) ?? null
}

/** The delimiter under which most rows agree on their number of columns; one column when there is none. */
export function guessLayout(text: string, isWhole: boolean): TableLayout {
  const candidates = delimiters
    .map((delimiter) => layoutWith(text, isWhole, delimiter))
    .filter((layout) => layout.columns > 1 && layout.regularity >= 0.6)
  const best = candidates.sort((a, b) => b.regularity - a.regularity || b.columns - a.columns)[0]
  if (best === undefined) return { ...layoutWith(text, isWhole, noDelimiter), columns: 1 }
  const other =
    best.delimiter === ','
      ? candidates.find(
          (layout) => layout !== best && layout.regularity >= best.regularity && hasCommasInNumbers(layout),
        )
      : undefined
  return other ?? best
}

/** Whether all commas in its cells stand within numbers: rows of such numbers are parted as regularly by them. */
function hasCommasInNumbers({ rows }: TableLayout): boolean {
  const cells = rows.flat().filter((cell) => cell.includes(','))
  return cells.length > 0 && cells.every(isNumber)
}

const isNumber = (cell: string) => looksNumeric([cell.trim()])
const knownNames =
  /^(id|index|text|content|body|sentence|review|comment|message|title|label|class|category|date|name|url|prompt|response|answer|question|summary|source|target)$/i

export function averageLength(rows: readonly (readonly string[])[], column: number): number {
  return rows.reduce((sum, row) => sum + (row[column]?.length ?? 0), 0) / Math.max(1, rows.length)
}

/**
 * Whether the first row names the columns: short, no numbers, and a name that tables have, or else distinct and unlike
 * what stands below. Programs that number rows leave the name of that column empty; a row that begins with `#` is one of
 * names, as NumPy writes it.
 */
export function hasHeaderRow({ rows }: TableLayout): boolean {
  const [first, ...rest] = rows
  if (!first) return false
  const cells = first.map((cell) => cell.trim())
  if (cells[0]!.startsWith('#')) return true
  if (cells.some((cell) => cell.length > 64 || isNumber(cell))) return false
  if (cells.some((cell) => knownNames.test(cell))) return true
  if (rest.length === 0 || cells.includes('') || new Set(cells).size < cells.length) return false
  return cells.some(
    (cell, i) => looksNumeric(rest.map((row) => row[i] ?? '')) || cell.length * 3 < averageLength(rest, i),
  )
}

/**
 * The column that holds the text: the one asked for by name or number from 1, else the one whose cells are longest
 * on average. Throws `no-text-field` with the columns that there are.
 */
export function findTextColumn(
  name: string,
  layout: TableLayout,
  hasHeader: boolean,
  wanted: string,
): number {
  const first = layout.rows[0] ?? []
  const body = hasHeader ? layout.rows.slice(1) : layout.rows
  if (wanted !== '') {
    const byName = hasHeader ? first.findIndex((cell) => cell.trim() === wanted.trim()) : -1
    const byNumber =
      /^\d{1,6}$/.test(wanted) && Number(wanted) >= 1 && Number(wanted) <= layout.columns
        ? Number(wanted) - 1
        : -1
    if (byName >= 0 || byNumber >= 0) return byName >= 0 ? byName : byNumber
    const known = hasHeader
      ? first
          .slice(0, 20)
          .map((cell) => cell.trim().slice(0, 40))
          .join(', ')
      : `1 to ${layout.columns}`
    throw new DataError(
      `${name}: the text column must be one of ${known}, got "${wanted}"; nothing was stored`,
      {
        code: 'no-text-field',
        remedy: 'Leave the setting empty to take the column with the longest texts.',
        details: { file: name },
      },
    )
  }
  let best = 0
  for (let i = 1; i < layout.columns; i++) if (averageLength(body, i) > averageLength(body, best)) best = i
  return best
}
