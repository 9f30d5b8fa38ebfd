import { classColumn, isMissing, isNumeric } from './columns.ts'
import type { Table } from './parseTable.ts'

/** What stands before whole and fraction. */
type Point = '.' | ','

/** One sign for all, apostrophes and the spaces that typesetters use among them. */
const groupSigns = { '.': "[,'’ \u00A0\u2009\u202F]", ',': "[.'’ \u00A0\u2009\u202F]" } as const
const currency = '[$€£¥₹]'
const gap = '[ \u00A0\u202F]?'

function patternOf(point: Point): RegExp {
  const mark = point === '.' ? '\\.' : ','
  const grouped = `[1-9]\\d{0,2}(?<group>${groupSigns[point]})\\d{3}(?:\\k<group>\\d{3})*`
  const digits = `(?<whole>${grouped}|\\d+)(?:${mark}(?<fraction>\\d+))?(?<power>[eE][+-]?\\d+)?`
  return new RegExp(
    `^(?<sign>[+\\-−]?)(?<before>${currency}?)${gap}${digits}${gap}(?<after>${currency}|%)?$`,
    'u',
  )
}
const patterns = { '.': patternOf('.'), ',': patternOf(',') } as const

interface Written {
  /** As programs write it: digits, a point, digits. */
  readonly plain: string
  /** Its currency, or a sign of per cent; empty for none. */
  readonly unit: string
}

function read(cell: string, point: Point): Written | null {
  const parts = patterns[point].exec(cell)?.groups
  if (parts === undefined) return null
  const { sign, before = '', whole, fraction, power = '', after = '' } = parts
  if (before !== '' && after !== '') return null
  const digits = whole!.replaceAll(/\D/g, '')
  const plain = `${sign === '−' ? '-' : sign}${digits}${fraction === undefined ? '' : `.${fraction}`}${power}`
  return { plain, unit: before || after }
}

/** Whether all cells that are there, and there are some, are numbers of one unit in this writing. */
function areWritten(cells: readonly string[], point: Point): boolean {
  let unit: string | null = null
  for (const cell of cells) {
    if (isMissing(cell)) continue
    const written = read(cell, point)
    if (written === null || (unit !== null && written.unit !== unit)) return false
    unit = written.unit
  }
  return unit !== null
}

/** Whether all values that are there are numbers, however people write them: 1234.5, 1,234.50, 1.234,5, $5 or 7 %. */
export function looksNumeric(cells: readonly string[]): boolean {
  return isNumeric(cells) || areWritten(cells, '.') || areWritten(cells, ',')
}

/** How columns are called that hold texts, be they numbers, and those that hold what is to be written beside them. */
const readColumn = /^(source|src|text|sentence|prompt|question|input)$/i
const writtenColumn = /^(target|tgt|translation|response|answer|output)$/i
/** Parts of cells that name several classes by numbers are so few, and so short. */
const mostParts = 20

/** Whether cells are left as they are: texts, or several classes (1,2 is two of them) of a column that is called so. */
function areKept(name: string, cells: readonly string[], hasTexts: boolean): boolean {
  if (readColumn.test(name) || (hasTexts && writtenColumn.test(name))) return true
  if (!classColumn.test(name)) return false
  const parts = new Set<string>()
  for (const cell of cells) {
    if (!isMissing(cell)) for (const part of cell.split(',')) parts.add(part.trim())
    if (parts.size > mostParts) return false
  }
  return [...parts].every((part) => /^\d{1,2}$/.test(part))
}

/** A column whose numbers were written for people. */
export interface RewrittenColumn {
  readonly name: string
  /** A cell of it, and what it is taken for. */
  readonly from: string
  readonly to: string
}

/**
 * A table with numbers as programs write them, where whole columns have them otherwise: commas for points, thousands in groups,
 * a currency or a sign of per cent. What stands for a point is told from the cells that can be read in one way alone, of the
 * column or else of the whole table (1,234 is a thousand and more unless others have commas before fractions). null where nothing
 * is otherwise.
 */
export function plainNumbers({
  columns,
  rows,
  skipped,
}: Table): { table: Table; rewritten: RewrittenColumn[] } | null {
  const all = columns.map((_, column) => rows.map((row) => row[column]!))
  const isPlain = all.map(isNumeric)
  // Columns that are plain already are looked at only where others show that a comma may be a point.
  const hasTexts = columns.some((name) => readColumn.test(name))
  const isKept = columns.map((name, column) => !isPlain[column] && areKept(name, all[column]!, hasTexts))
  const fits = (point: Point, column: number) => !isKept[column] && areWritten(all[column]!, point)
  const byPoint = columns.map((_, column) => isPlain[column]! || fits('.', column))
  const mayBeCommas = columns.map((_, column) => !isPlain[column] && fits(',', column))
  const mayBeAll = mayBeCommas.some((may, column) => may && !byPoint[column])
  const byComma = mayBeCommas.map((may, column) => may || (mayBeAll && isPlain[column]! && fits(',', column)))
  const hasCommas = mayBeAll && !byPoint.some((is, column) => is && !byComma[column])
  const points = columns.map((_, column): Point | null => {
    if (hasCommas && byComma[column]) return ','
    if (isPlain[column]) return null
    return byPoint[column] ? '.' : byComma[column] ? ',' : null
  })
  const plain = (cell: string, column: number) => {
    const point = points[column]!
    return point === null || isMissing(cell) ? cell : read(cell, point)!.plain
  }
  const rewritten = columns.flatMap((name, column): RewrittenColumn[] => {
    const from =
      points[column] === null ? undefined : all[column]!.find((cell) => plain(cell, column) !== cell)
    return from === undefined ? [] : [{ name, from, to: plain(from, column) }]
  })
  if (rewritten.length === 0) return null
  return { table: { columns, rows: rows.map((row) => row.map(plain)), skipped }, rewritten }
}
