import { DataError } from '../../core/errors.ts'
import type { DataKind } from '../../core/catalog.ts'
import { nearestName } from '../../core/schema.ts'
import { passagesOf } from '../passages.ts'
import { decodeImageSet, type ImageSet } from '../images/imageSet.ts'
import { classColumn, isMissing, isNumeric, mostValues } from '../table/columns.ts'
import { saysParts } from '../splits/parts/saysParts.ts'
import { parseTable } from '../table/parseTable.ts'

export interface Labels {
  /** The column that they came from. */
  readonly name: string
  readonly classes: readonly string[]
  /** Places in `classes`, -1 where there is none. [count] */
  readonly values: Int32Array
}

export interface Column {
  readonly name: string
  /** As they were written. [count] */
  readonly cells: readonly string[]
  readonly kind: 'number' | 'category' | 'text'
}

/** A data set as the checks see it: items with columns, pictures, a label and a part. */
export interface DoctorSet {
  readonly name: string
  readonly kind: DataKind
  readonly count: number
  /** Of a table; captions of pictures and passages of a text are one column. The label is among them, as it was written. */
  readonly columns: readonly Column[]
  readonly images: ImageSet | null
  readonly labels: Labels | null
  /** Which part each item belongs to, where the set says so. [count] */
  readonly parts: readonly string[] | null
}

export interface ReadOptions {
  readonly name: string
  /** The column with the labels; null to find it. */
  readonly labels: string | null
}

const partColumn = /^(split|subset|partition|fold)$/i
/** Columns with words, or with cells of this length, are texts rather than names. */
const textLength = 12

/**
 * Stored content as the doctor sees it. Throws `image-set`, what reading a table throws, and `label-column` where there is
 * no such column.
 */
export function readDoctorSet(kind: DataKind, bytes: Uint8Array, options: ReadOptions): DoctorSet {
  const { name } = options
  if (kind === 'images') {
    const images = decodeImageSet(bytes)
    const { count, classes, labels, captions } = images
    if (options.labels !== null && options.labels !== 'label') throw noColumn(options.labels, ['label'])
    return {
      name,
      kind,
      count,
      columns: captions.length > 0 ? [{ name: 'caption', cells: captions, kind: 'text' }] : [],
      images,
      labels: classes.length > 0 ? { name: 'label', classes, values: labels } : null,
      parts: images.parts ?? null,
    }
  }
  const text = new TextDecoder().decode(bytes)
  if (kind === 'text') {
    if (options.labels !== null) throw noColumn(options.labels, [])
    const cells = passagesOf(text)
    return {
      name,
      kind,
      count: cells.length,
      columns: [{ name: 'text', cells, kind: 'text' }],
      images: null,
      labels: null,
      parts: null,
    }
  }
  const table = parseTable(text)
  const columns = table.columns.map((own, place): Column => {
    const cells = table.rows.map((row) => row[place]!)
    return { name: own, cells, kind: kindOf(cells) }
  })
  const parts =
    columns.find(({ cells }) => saysParts(cells)) ??
    columns.find((column) => partColumn.test(column.name) && column.kind === 'category')
  return {
    name,
    kind,
    count: table.rows.length,
    columns,
    images: null,
    labels: labelsOf(columns, options.labels),
    parts: parts?.cells ?? null,
  }
}

function kindOf(cells: readonly string[]): Column['kind'] {
  if (isNumeric(cells)) return 'number'
  const values = new Set(cells)
  if (values.size <= Math.min(mostValues, cells.length / 2)) return 'category'
  const there = cells.filter((cell) => !isMissing(cell))
  const length = there.reduce((sum, cell) => sum + cell.length, 0) / Math.max(1, there.length)
  const spaced = there.filter((cell) => /\S\s+\S/.test(cell)).length
  return length >= textLength || 2 * spaced > there.length ? 'text' : 'category'
}

/** What is asked for; else the last column that is called as classes are; else the last one where it has few values. */
function labelsOf(columns: readonly Column[], wanted: string | null): Labels | null {
  const column = wanted === null ? guessed(columns) : columns.find(({ name }) => name === wanted)
  if (column === undefined) {
    if (wanted === null) return null
    throw noColumn(
      wanted,
      columns.map(({ name }) => name),
    )
  }
  const classes = [...new Set(column.cells.filter((cell) => !isMissing(cell)))].sort()
  if (classes.length < 2 || 2 * classes.length > column.cells.length) {
    if (wanted === null) return null
    throw new DataError(
      `Doctor: the labels in ${wanted} must be of at least 2 classes that come back, got ${classes.length} different values in ${column.cells.length} rows`,
      { code: 'label-column', remedy: 'Name the column that holds a class for each row.' },
    )
  }
  const places = new Map(classes.map((value, place) => [value, place]))
  return {
    name: column.name,
    classes,
    values: Int32Array.from(column.cells, (cell) => places.get(cell) ?? -1),
  }
}

function guessed(columns: readonly Column[]): Column | undefined {
  const few = (column: Column) => new Set(column.cells).size <= mostValues
  const named = columns.findLast((column) => classColumn.test(column.name) && few(column))
  const last = columns.at(-1)
  return named ?? (last?.kind === 'category' && few(last) ? last : undefined)
}

function noColumn(wanted: string, columns: readonly string[]): DataError {
  const near = nearestName(wanted, columns)
  const known = columns.length === 0 ? 'none' : columns.slice(0, 20).join(', ')
  return new DataError(`Doctor: there is no column "${wanted}" for the labels; columns: ${known}`, {
    code: 'label-column',
    remedy: near === null ? 'Name one of them, or leave it out.' : `Did you mean ${near}?`,
  })
}
