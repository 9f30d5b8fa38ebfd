import { DataError } from '../../core/errors.ts'
import { averageLength } from '../importers/csv/layout.ts'
import type { ImportContext, TextRecord } from '../importers/defineImporter.ts'
import type { HeldRows } from '../reading/held.ts'

const sampleRows = 200
/** What programs write for values that are no words. */
const noWord = /^(true|false|nan|null|[-+]?inf(inity)?)$/i

/** The texts of the column whose cells are longest, one a row. Throws `no-text-field` where no column holds words. */
export async function* textsOfRows(
  name: string,
  held: HeldRows,
  { signal, notify }: ImportContext,
): AsyncGenerator<TextRecord, void, void> {
  const sample: (readonly string[])[] = []
  for await (const row of held.rows(signal)) {
    sample.push(row)
    if (sample.length === sampleRows) break
  }
  let column = 0
  for (let i = 1; i < held.columns.length; i++)
    if (averageLength(sample, i) > averageLength(sample, column)) column = i
  const title = held.columns[column]!.slice(0, 40)
  if (!sample.some((row) => /\p{L}/u.test(row[column]!) && !noWord.test(row[column]!))) {
    throw new DataError(
      `${name}: must have a column of texts, got numbers alone in "${title}"; nothing was stored`,
      {
        code: 'no-text-field',
        remedy:
          'As a table it must have two columns and two rows at least, and no more than 100 MB: give a part of it.',
        details: { file: name },
      },
    )
  }
  for await (const row of held.rows(signal, column)) yield { text: row[0]!.replaceAll('\0', '\uFFFD') }
  notify('info', `${name}: text taken from column "${title}" of ${held.columns.length}.`)
}
