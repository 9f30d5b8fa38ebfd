import { DataError } from '../../core/errors.ts'
import { isMissing } from './columns.ts'

/** Names of several classes in one cell: more of them than this are words. */
export const mostLabels = 1000
/** UTF-16 units of one; what is longer between two separators is part of a text. */
const longestLabel = 40
/** What may stand between them where nobody says so, the surest sign first. */
export const separators = ['|', ';', ','] as const

export interface LabelSets {
  /** In order. */
  readonly labels: readonly string[]
  /** Of each cell the places of its own in `labels`, in order, each once. */
  readonly sets: readonly (readonly number[])[]
}

/** The entries of a JSON list of words or numbers; null for any other cell. */
function listOf(cell: string): string[] | null {
  if (!cell.startsWith('[')) return null
  try {
    const values = JSON.parse(cell) as unknown
    const isPlain = (value: unknown) => ['string', 'number', 'boolean'].includes(typeof value)
    return Array.isArray(values) && values.every(isPlain) ? trimmed(values.map(String)) : null
  } catch {
    return null
  }
}

/** The lists of cells that are all such; null where one is none. */
function listsOf(cells: readonly string[]): string[][] | null {
  const lists = cells.map(listOf)
  return lists.every((list) => list !== null) ? lists : null
}

/** Whether all cells that say anything are lists of classes: what they name comes again. */
export function areLabelLists(cells: readonly string[]): boolean {
  const lists = listsOf(cells.filter((cell) => !isMissing(cell)))
  return lists !== null && comeAgain(lists.flat())
}

function comeAgain(names: readonly string[]): boolean {
  const { size } = new Set(names)
  return size > 0 && size <= Math.min(mostLabels, names.length / 2)
}

/**
 * What stands between classes where cells name several, by what they look like: the parts are short, and come again in other
 * company. null where nothing does.
 */
export function separatorOf(cells: readonly string[]): string | null {
  const there = cells.filter((cell) => !isMissing(cell))
  const found = separators.find((separator) => {
    const sets = there.map((cell) => partsOf(cell, separator))
    const parts = sets.flat()
    return (
      sets.filter(({ length }) => length > 1).length >= 2 &&
      comeAgain(parts) &&
      new Set(parts).size <= new Set(there).size &&
      parts.every(({ length }) => length <= longestLabel)
    )
  })
  return found ?? null
}

/**
 * Cells that name any number of classes each: lists, or names with `separator` between; '' takes what they look like, else
 * each cell as one name.
 * @param column its name, for messages
 * @throws DataError `table-target`
 */
export function readLabelSets(column: string, cells: readonly string[], separator: string): LabelSets {
  const between = separator === '' ? separatorOf(cells) : separator
  const names =
    listsOf(cells) ?? cells.map((cell) => (between === null ? [cell.trim()] : partsOf(cell, between)))
  const labels = [...new Set(names.flat())].sort((a, b) => (a < b ? -1 : 1))
  if (labels.length === 0 || labels.length > mostLabels) throw unfit(column, labels.length)
  const places = new Map(labels.map((label, place) => [label, place]))
  const sets = names.map((own) => [...new Set(own)].map((name) => places.get(name)!).sort((a, b) => a - b))
  return { labels, sets }
}

function partsOf(cell: string, separator: string): string[] {
  return trimmed(cell.split(separator))
}

function trimmed(names: readonly string[]): string[] {
  return names.map((name) => name.trim()).filter((name) => name !== '')
}

function unfit(column: string, count: number): DataError {
  return new DataError(
    `Table: the target ${column} must name from 1 to ${mostLabels} different classes, got ${count}`,
    {
      code: 'table-target',
      remedy:
        count === 0
          ? 'All of its lists are empty: choose another target.'
          : 'Say what stands between classes (data.table.separator), or choose another target.',
    },
  )
}
