import Papa from 'papaparse'
import { DataError } from '../../../core/errors.ts'
import { maxRecordLength, recordTooLong } from '../../reading/splitLines.ts'

interface ParsedRows {
  data: string[][]
  errors: { code: string; row: number }[]
  /** Offset after the last complete row. */
  meta: { cursor: number }
}

/** Parses what is complete of `text`; with `isLast` all of it. Quoting after RFC 4180. */
export function parseRows(text: string, delimiter: string, isLast: boolean, preview = 0): ParsedRows {
  const parser = new Papa.Parser({ delimiter, newline: '\n', preview })
  return parser.parse(text, 0, !isLast) as ParsedRows
}

/** The rows of a table that comes in pieces; a row may span pieces and lines. Row numbers count from 1. */
export async function* readRows(
  name: string,
  pieces: AsyncIterable<string>,
  delimiter: string,
): AsyncGenerator<{ cells: string[]; row: number }, void, void> {
  let held = ''
  let row = 0
  let parseAt = 0
  for await (const piece of pieces) {
    held += piece
    if (held.length < parseAt) continue // a long row is not parsed anew with every piece
    const { data, meta } = parseRows(held, delimiter, false)
    held = held.slice(meta.cursor)
    parseAt = held.length * 2
    for (const cells of data) yield { cells, row: ++row }
    if (held.length > maxRecordLength) throw recordTooLong(name, `row ${row + 1}`)
  }
  if (held === '') return
  const { data, errors } = parseRows(held, delimiter, true)
  const unclosed = errors.find((error) => error.code === 'MissingQuotes')
  if (unclosed) {
    throw new DataError(
      `${name}: row ${row + unclosed.row + 1} opens a quote that is never closed; nothing was stored`,
      {
        code: 'broken-csv',
        remedy:
          'Close the quote (a quote inside a quoted cell is written twice), or rename the file to .txt to take it as plain text.',
        details: { file: name, row: row + unclosed.row + 1 },
      },
    )
  }
  for (const cells of data) yield { cells, row: ++row }
}
