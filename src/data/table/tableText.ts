import { guessLayout, hasHeaderRow } from '../importers/csv/layout.ts'
import { writeTable } from './writeTable.ts'

/** As much of a table as tells its layout. */
const sampleLength = 262144

/** A table as it is stored: comma-separated, with a first line that is read as names again, marked by `#` where it would not be. */
export function tableText(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const text = writeTable([columns, ...rows])
  const isWhole = text.length <= sampleLength
  return hasHeaderRow(guessLayout(isWhole ? text : text.slice(0, sampleLength), isWhole)) ? text : `#${text}`
}
