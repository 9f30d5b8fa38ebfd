import { DataError } from '../../core/errors.ts'
import type { DataConfig } from '../../core/runConfig.ts'
import { nearestName } from '../../core/schema.ts'
import { classColumn, isMissing, isNumeric, mostValues } from './columns.ts'
import { areLabelLists, separatorOf } from './labelSets.ts'
import type { Table } from './parseTable.ts'
import { areTimes } from './readTime.ts'
import { readTarget, type Target } from './target.ts'

/** What of a table is learned, and from what. */
export interface ChosenColumns {
  readonly targetName: string
  readonly target: Target
  /** Of the rows that have a target. */
  readonly rows: Table['rows']
  readonly targetColumn: number
  /** null where no column is a text. */
  readonly textColumn: number | null
}

/** Throws `table-target` for a column that there is not, or that cannot be what is asked for. */
export function chooseColumns(table: Table, wanted: DataConfig['table']): ChosenColumns {
  const targetColumn = targetOf(table, wanted)
  const targetName = table.columns[targetColumn]!
  const rows = table.rows.filter((row) => !isMissing(row[targetColumn]!))
  const target = readTarget(
    targetName,
    rows.map((row) => row[targetColumn]!),
    wanted,
  )
  const textColumn = textColumnOf(table, wanted.text, {
    target: targetColumn,
    // What is to be turned into a text is one, however few there are.
    least: target.kind === 'text' ? 1 : mostValues,
  })
  return { targetName, target, rows, targetColumn, textColumn }
}

/**
 * What is asked for; else the last column that is called as classes are; else the last. Where several classes a cell are wanted,
 * the last column that has them comes first.
 */
export function targetOf(
  { columns, rows }: Table,
  { target, targetKind }: Pick<DataConfig['table'], 'target' | 'targetKind'>,
): number {
  if (target !== '') return columnOf(columns, target, 'target')
  if (targetKind === 'labels') {
    const several = columns.findLastIndex((_, column) => hasSeveral(rows.map((row) => row[column]!)))
    if (several >= 0) return several
  }
  const named = columns.findLastIndex((name) => classColumn.test(name))
  return named >= 0 ? named : columns.length - 1
}

/** Whether cells name several classes each, by what they look like. */
export function hasSeveral(cells: readonly string[]): boolean {
  return areLabelLists(cells) || (!isNumeric(cells) && separatorOf(cells) !== null)
}

/**
 * What is asked for; else the column with the longest cells of more than `least` kinds, which are neither numbers nor times;
 * null where there is none.
 */
export function textColumnOf(
  { columns, rows }: Table,
  wanted: string,
  { target, least }: { target: number; least: number },
): number | null {
  if (wanted !== '') return columnOf(columns, wanted, 'text')
  let best: { column: number; length: number } | null = null
  for (let column = 0; column < columns.length; column++) {
    const cells = rows.map((row) => row[column]!)
    if (column === target || isNumeric(cells) || new Set(cells).size <= least || areTimes(cells)) continue
    const length = cells.reduce((sum, cell) => sum + cell.length, 0)
    if (best === null || length > best.length) best = { column, length }
  }
  return best?.column ?? null
}

function columnOf(columns: readonly string[], wanted: string, what: string): number {
  const found = columns.indexOf(wanted)
  if (found >= 0) return found
  const near = nearestName(wanted, columns)
  throw new DataError(
    `Table: the ${what} must be one of its columns, got "${wanted}"; they are ${columns.slice(0, 20).join(', ')}`,
    {
      code: 'table-target',
      remedy: near
        ? `Did you mean ${near}?`
        : `Choose one of them as the ${what} (data.table.${what}), or none to let it be found.`,
    },
  )
}
