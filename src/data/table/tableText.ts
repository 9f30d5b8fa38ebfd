import { guessLayout, hasHeaderRow } from '../importers/csv/layout.ts'
import { writeTable } from './writeTable.ts'

/** A table as it is stored: comma-separated, with a first line that is read as names again, marked by `#` where it would not be. */
export function tableText(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const text = writeTable([columns, ...rows])
  return hasHeaderRow(guessLayout(text, true)) ? text : `#${text}`
}
