import { layoutOf } from './parseTable.ts'
import { writeTable } from './writeTable.ts'

/** Says that commas part the cells, where something else in them could. */
const told = 'sep=,\n'

/**
 * A table as it is stored: comma-separated, with a first line that is read as names again, marked by `#` where it would not
 * be. Where its cells could be taken for others, a line before it says that they are parted by commas.
 */
export function tableText(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const text = writeTable([columns, ...rows])
  const named = layoutOf(told + text).hasHeader ? text : `#${text}`
  return layoutOf(named).layout.delimiter === ',' ? named : told + named
}
