import { averageLength } from '../importers/csv/layout.ts'
import { pairColumn } from '../table/importTable.ts'
import { textLength } from '../table/largeRows.ts'
import { hasSeveral, targetOf, textColumnOf } from '../table/chooseColumns.ts'
import { areLabelLists } from '../table/labelSets.ts'
import type { Table } from '../table/parseTable.ts'
import { readTarget } from '../table/target.ts'
import { codeColumn, isMissing, isNumeric, mostValues } from '../table/columns.ts'
import type { ImagesDescription } from './describeImages.ts'

/** What could be learned from a set, by the ids that a configuration has them by. */
export interface Suggestion {
  readonly task: string
  /** Id of a split. */
  readonly split: string
  /** Of a table: the columns that are meant when none is named. */
  readonly target?: string
  readonly text?: string
  readonly why: string
}

export function suggestForText(): Suggestion {
  return { task: 'language-model', split: 'tail', why: 'It is running text: its end is held out.' }
}

export function suggestForImages({ classes, captions, count }: ImagesDescription): Suggestion {
  const split = 'random-items'
  if (captions.count * 2 > count)
    return { task: 'image-text-matching', split, why: 'Most of the pictures have captions.' }
  return classes.length > 1
    ? { task: 'image-classification', split, why: `The pictures are of ${classes.length} classes.` }
    : { task: 'self-supervised', split, why: 'The pictures have neither labels nor captions.' }
}

export function suggestForTable(table: Table): Suggestion {
  const split = 'random-items'
  const pair = table.columns.filter(
    (name, column) => pairColumn.test(name) && !isNumeric(table.rows.map((row) => row[column]!)),
  )
  if (pair.length >= 2)
    return {
      task: 'translation',
      split,
      target: pair[1]!,
      text: pair[0]!,
      why: 'Two columns hold texts that say the same.',
    }
  const several = suggestForLabels(table)
  if (several !== null) return several
  const column = targetOf(table, { target: '', targetKind: 'auto' })
  const target = table.columns[column]!
  const cells = table.rows.map((row) => row[column]!).filter((cell) => !isMissing(cell))
  const { kind } =
    cells.length === 0 ? { kind: 'class' } : readTarget(target, cells, { targetKind: 'auto', separator: '' })
  const textColumn = textColumnOf(table, '', { target: column, least: kind === 'text' ? 1 : mostValues })
  const text = textColumn === null ? undefined : table.columns[textColumn]!
  const named = { split, target, ...(text === undefined ? {} : { text }) }
  if (kind === 'number') return { ...named, task: 'table-regression', why: `${target} holds numbers.` }
  if (kind === 'text') return { ...named, task: 'translation', why: `${target} holds texts.` }
  if (text === undefined) return { ...named, task: 'table-classification', why: `${target} holds classes.` }
  const others = teachingColumns(table, [column, textColumn])
  // Shorter ones are names of things, of which other columns may tell more.
  const isProse = averageLength(table.rows, textColumn!) >= textLength
  return others > 0 && !isProse
    ? {
        ...named,
        task: 'table-classification',
        why: `${target} holds classes, which ${others === 1 ? 'another column tells' : `${others} other columns tell`} of. By ${text} alone: text classification.`,
      }
    : {
        ...named,
        task: 'text-classification',
        why: `${target} holds classes, and ${text} the texts that they are of.`,
      }
}

/** How many columns beside these a network learns from: numbers that do not count rows, and categories. */
function teachingColumns(table: Table, besides: readonly (number | null)[]): number {
  return table.columns.filter((name, column) => {
    if (besides.includes(column)) return false
    const cells = table.rows.map((row) => row[column]!)
    return codeColumn(name, cells) !== null && !numbersRows(cells)
  }).length
}

/** Whether they are whole numbers, each another. */
function numbersRows(cells: readonly string[]): boolean {
  return cells.every((cell) => /^\d+$/.test(cell)) && new Set(cells).size === cells.length
}

/** Where classes are looked for there are several in a cell, or some column holds lists; null where not. */
function suggestForLabels(table: Table): Suggestion | null {
  const cellsOf = (column: number) => table.rows.map((row) => row[column]!)
  const usual = targetOf(table, { target: '', targetKind: 'auto' })
  const lists = table.columns.findLastIndex((_, column) => areLabelLists(cellsOf(column)))
  const column = hasSeveral(cellsOf(usual)) ? usual : lists
  if (column < 0) return null
  const target = table.columns[column]!
  const textColumn = textColumnOf(table, '', { target: column, least: mostValues })
  const why = `${target} holds several classes in a cell`
  return {
    task: 'multi-label-classification',
    split: 'random-items',
    target,
    ...(textColumn === null
      ? { why: `${why}.` }
      : {
          text: table.columns[textColumn]!,
          why: `${why}, and ${table.columns[textColumn]!} the texts that they are of.`,
        }),
  }
}
