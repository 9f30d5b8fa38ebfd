import { chooseImporter } from '../importText.ts'
import { asFound, type FoundReading, type Reading } from '../../core/reading.ts'
import { averageLength, delimiterName } from '../importers/csv/layout.ts'
import { saysParts } from '../splits/parts/saysParts.ts'
import { checkSource } from '../reading/checkSource.ts'
import { decodeText } from '../reading/decodeText.ts'
import type { TextEncoding } from '../reading/encoding.ts'
import { headSizeBytes } from '../reading/head.ts'
import type { HeldRows } from '../reading/held.ts'
import { readChunks, type ImportSource } from '../reading/source.ts'
import { classColumn, isMissing } from './columns.ts'
import { areLabelLists } from './labelSets.ts'
import { refuseLargeRows, refuseWithoutTexts, textLength } from './largeRows.ts'
import { rowsOfObjects } from './objectRows.ts'
import { layoutOf, parseTable, type Table } from './parseTable.ts'
import { tableText } from './tableText.ts'

/** A table is held whole, several times over while it is read. */
const maxTableSizeBytes = 100_000_000
const mostClasses = 100

export const pairColumn = /^(source|src|target|tgt|translation|[a-z]{2}([-_][a-z]{2,4})?)$/i

export interface ReadTable {
  /** Rows as they are stored: parted by commas, or as the file had them. UTF-8 without byte order mark, `\n`. */
  readonly text: string
  readonly table: Table
  readonly importer: string
  /** Left out where no text was read. */
  readonly found?: FoundReading
}

/**
 * A file of rows as a table; null where it is no table of at least two columns and two rows, and the text in it, if any,
 * is what is wanted. Where it is told how its columns are parted a table is meant. Throws what `checkSource` throws, `too-large`
 * for rows without texts that are more than a table may have, and where a table is meant what `parseTable` throws.
 */
export async function readTable(
  file: ImportSource,
  signal: AbortSignal | undefined,
  reading: Reading = asFound,
  maxSizeBytes = maxTableSizeBytes,
): Promise<ReadTable | null> {
  let seenBytes = 0
  if (file.held)
    return file.held.kind === 'rows' ? readHeld(file.name, file.held, signal, maxSizeBytes) : null
  if (file.sizeBytes > maxSizeBytes) {
    refuseLargeRows(file.name, await headOf(file, signal), maxSizeBytes)
    return null
  }
  const { head, encoding } = await checkSource(
    file,
    signal,
    (sizeBytes) => {
      seenBytes += sizeBytes
    },
    reading.encoding,
  )
  if (seenBytes > maxSizeBytes) {
    refuseLargeRows(file.name, head, maxSizeBytes) // something packed may hold more than it said
    return null
  }
  const { id } = chooseImporter(head, file.name, [])
  const isMeant = reading.delimiter !== 'auto'
  const isObjects = id === 'json-lines' || id === 'json'
  if (id !== 'csv' && !isObjects && !isMeant) return null
  const pieces: string[] = []
  for await (const piece of decodeText(file.name, readChunks(file, signal), encoding)) pieces.push(piece)
  const whole = pieces.join('')
  if (isObjects) return ofObjects(whole, id, encoding)
  try {
    const laid = layoutOf(whole, reading)
    const table = parseTable(whole, laid)
    const delimiter = delimiterName(laid.layout.delimiter) ?? 'auto'
    const found: FoundReading = { encoding, delimiter, header: laid.hasHeader ? 'yes' : 'no' }
    // What is stored is read without being told how.
    const isTold = isMeant || reading.header !== 'auto'
    const text = isTold ? tableText(table.columns, table.rows) : whole
    return { text, table, importer: 'csv', found }
  } catch (error) {
    if (isMeant) throw error
    return null // one column, or quotes that do not close: a text, if anything
  }
}

function ofObjects(whole: string, importer: string, encoding: TextEncoding): ReadTable | null {
  const read = rowsOfObjects(whole, importer === 'json-lines')
  if (read === null) return null
  try {
    const table = parseTable(read.text)
    return {
      text: read.text,
      table: { ...table, skipped: table.skipped + read.broken },
      importer,
      found: { encoding },
    }
  } catch {
    return null // of one column or one row
  }
}

async function headOf(file: ImportSource, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const head = new Uint8Array(headSizeBytes)
  let length = 0
  for await (const chunk of readChunks(file, signal)) {
    const part = chunk.subarray(0, headSizeBytes - length)
    head.set(part, length)
    length += part.length
    if (length === headSizeBytes) break
  }
  return head.subarray(0, length)
}

/** Rows that know their columns, as they are stored; null where they are too many, or of one column. */
async function readHeld(
  name: string,
  held: HeldRows,
  signal: AbortSignal | undefined,
  maxSizeBytes: number,
): Promise<ReadTable | null> {
  if (held.columns.length < 2) return null
  const rows: (readonly string[])[] = []
  let length = 0
  for await (const row of held.rows(signal)) {
    rows.push(row.map((cell) => cell.replaceAll('\0', '\uFFFD')))
    length += row.reduce((sum, cell) => sum + cell.length + 1, 0)
    if (length > maxSizeBytes) {
      refuseWithoutTexts(name, { columns: held.columns, rows, skipped: 0 }, maxSizeBytes)
      return null
    }
  }
  const text = tableText(held.columns, rows)
  try {
    return { text, table: parseTable(text), importer: held.importer }
  } catch {
    return null // a single row
  }
}

/** How a column may be called that says of each row which part it came in. */
const partColumns = ['part', 'split', 'part of the set']

/**
 * Tables with the same columns as one, in the order that they are given; null where they have others. Each column must have
 * a name: two files of numbers alone may mean anything.
 *
 * @param parts of each table, which a first column then says of its rows, but where one does so already; null for none
 */
export function joinedTables(
  tables: readonly ReadTable[],
  parts: readonly string[] | null = null,
): ReadTable | null {
  const [first] = tables
  if (!first || tables.length === 1) return first ?? null
  const { columns } = first.table
  const isSame = (other: Table) =>
    other.columns.length === columns.length && other.columns.every((name, i) => name === columns[i])
  if (columns.some((name) => /^column \d+$/.test(name)) || !tables.every(({ table }) => isSame(table)))
    return null
  const rows = tables.flatMap(({ table }) => table.rows)
  const isTold = columns.some((_, column) => saysParts(rows.map((row) => row[column]!)))
  const name = partColumns.find((free) => !columns.some((taken) => taken.toLowerCase() === free))
  const text =
    parts && name !== undefined && !isTold
      ? tableText(
          [name, ...columns],
          tables.flatMap(({ table }, i) => table.rows.map((row) => [parts[i]!, ...row])),
        )
      : tableText(columns, rows)
  const skipped = tables.reduce((sum, { table }) => sum + table.skipped, 0)
  return { ...first, text, table: { ...parseTable(text), skipped } }
}

/**
 * Whether rows are meant: cells are short; or a long text stands beside its class or classes, or its translation. A table with
 * one column of long texts and others that only describe it is a text.
 */
export function readsAsTable({ columns, rows }: Table): boolean {
  const lengths = columns.map((_, column) => averageLength(rows, column))
  if (lengths.every((length) => length < textLength)) return true
  if (columns.filter((name) => pairColumn.test(name)).length >= 2) return true
  return columns.some((name, column) => {
    if (areLabelLists(rows.map((row) => row[column]!))) return true
    if (!classColumn.test(name) || lengths[column]! >= textLength) return false
    const values = new Set(rows.map((row) => row[column]!).filter((cell) => !isMissing(cell)))
    return values.size >= 2 && values.size <= mostClasses
  })
}
