import { DataError } from '../../../core/errors.ts'
import { nearestName } from '../../../core/schema.ts'
import type { SplitItems } from './splitItems.ts'

/**
 * The column that a split goes by: the one that is named, else `found`.
 * @throws DataError `split-column` where there is no such column, or none is named and none was found
 */
export function columnFor(
  { columns }: Pick<SplitItems, 'columns'>,
  wanted: string,
  { found, what }: { found: string | null; what: string },
): string {
  if (wanted !== '' && columns.includes(wanted)) return wanted
  if (wanted === '' && found !== null) return found
  const near = wanted === '' ? null : nearestName(wanted, columns)
  const known = columns.length === 0 ? 'none' : columns.slice(0, 20).join(', ')
  const got = wanted === '' ? 'none was named and none was found' : `got "${wanted}"`
  throw new DataError(`Split: it needs a column with ${what}, ${got}; there are ${known}`, {
    code: 'split-column',
    remedy:
      near !== null
        ? `Did you mean ${near}?`
        : columns.length === 0
          ? 'Choose another split, such as “Stratified” or “Random items”.'
          : 'Name one of them, or choose another split.',
    details: { column: wanted },
  })
}
