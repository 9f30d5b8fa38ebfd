import { DataError } from '../../core/errors.ts'
import { averageLength } from '../importers/csv/layout.ts'
import { chooseImporter } from '../importText.ts'
import { headLines, headText } from '../reading/head.ts'
import { rowsOfObjects } from './objectRows.ts'
import { parseTable, type Table } from './parseTable.ts'

/** Columns whose cells are longer than this on average hold texts. UTF-16 units. */
export const textLength = 40

/** Rows that are too many for a table may have a text in them, which is taken instead; of numbers and words there is none. */
export function refuseLargeRows(name: string, head: Uint8Array, maxSizeBytes: number): void {
  const { id } = chooseImporter(head, name, [])
  const lines = headLines(head)
  const rows =
    id === 'json-lines'
      ? rowsOfObjects(lines.join('\n'), true)
      : id === 'json'
        ? rowsOfObjects(wholeEntries(headText(head)), false)
        : null
  if (id !== 'csv' && rows === null) return
  try {
    refuseWithoutTexts(name, parseTable(rows?.text ?? lines.join('\n')), maxSizeBytes)
  } catch (error) {
    if (error instanceof DataError && error.code === 'too-large') throw error // else no table
  }
}

/** The beginning of a list of objects, ended after the last of them that is whole: `[{…}, {…}, {…` is two. */
function wholeEntries(list: string): string {
  const end = [...list.matchAll(/\}(?=\s*,\s*\{)/g)].at(-1)?.index
  return end === undefined ? list : `${list.slice(0, end + 1)}]`
}

/** Throws `too-large` unless some column of these rows holds texts. */
export function refuseWithoutTexts(name: string, { columns, rows }: Table, maxSizeBytes: number): void {
  if (columns.some((_, column) => averageLength(rows, column) >= textLength)) return
  throw new DataError(
    `${name}: a table may have ${maxSizeBytes / 1e6} MB in this version, got more; nothing was stored`,
    {
      code: 'too-large',
      remedy: 'Drop a part of its rows, or fewer of its columns.',
      details: { file: name, maxSizeBytes },
    },
  )
}
