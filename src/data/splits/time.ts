import { counted } from '../../core/counted.ts'
import { DataError } from '../../core/errors.ts'
import { isMissing } from '../table/columns.ts'
import { readTime } from '../table/readTime.ts'
import { defineSplit, fractionField, tooShortToSplit } from './defineSplit.ts'
import { columnFor } from './parts/columnFor.ts'
import { decontaminated } from './parts/decontaminated.ts'
import type { Side, SplitItems } from './parts/splitItems.ts'

/** How columns of times are called. */
const timeColumn = /(^|[_ -])(time|date|datetime|timestamp|year|month|day|week|created|updated|at|epoch)$/i

export default defineSplit({
  id: 'time',
  order: 5,
  version: 1,
  usesSeed: false,
  of: 'items',
  dataKinds: ['table'],
  title: 'By time',
  summary: 'Keeps what came last: what is measured is how well the past tells the future.',
  fields: {
    fraction: fractionField,
    column: {
      type: 'text',
      label: 'Time',
      help: 'Name of a column with numbers, or with dates written as 2024-12-31; empty takes one with dates, or called time, date, year or the like.',
      default: '',
      maxLength: 200,
      suggests: 'columns',
    },
  },
  fits: (items) => timesOf(items) !== null,
  deal(items, { fraction, column: wanted }) {
    const column = columnFor(items, wanted, { found: timesOf(items), what: 'times' })
    const times = readTimes(column, items.cells(column))
    const known = times.flatMap((time, item) => (time === null ? [] : [{ time, item }]))
    if (known.length < 2)
      throw tooShortToSplit(known.length, 2, 'Name another column, or choose another split.')
    known.sort((a, b) => a.time - b.time || a.item - b.item)
    const first = firstHeldOut(
      known.map(({ time }) => time),
      fraction,
      column,
    )
    const sides = new Array<Side>(items.count).fill('neither')
    known.forEach(({ item }, rank) => (sides[item] = rank < first ? 'train' : 'validation'))
    const { sides: kept, notices } = decontaminated(
      items,
      column,
      sides,
      (item) => sides[item] === 'validation',
    )
    if (!kept.includes('train')) throw allTheSame(column)
    const without = items.count - known.length
    const left =
      without === 0 ? [] : [`${counted(without, 'item is', 'items are')} left out, having no “${column}”.`]
    return { sides: kept, notices: [...left, ...notices] }
  },
})

/** Rank of the first item that is held out. Items of one time are not parted, so it is moved to the nearest change. */
function firstHeldOut(times: readonly number[], fraction: number, column: string): number {
  const wanted = times.length - Math.max(1, Math.round(times.length * fraction))
  const isChange = (rank: number) => times[rank] !== times[rank - 1]
  for (let away = 0; away < times.length; away++) {
    // Of two as near, the larger validation part: it is the smaller one that may be too small to tell anything.
    for (const rank of [wanted - away, wanted + away])
      if (rank > 0 && rank < times.length && isChange(rank)) return rank
  }
  throw new DataError(
    `Split: “${column}” must hold at least 2 different times, got ${times.length} times the same`,
    {
      code: 'split-column',
      remedy: 'Name another column, or choose another split.',
      details: { column },
    },
  )
}

/** null where there is none. @throws DataError `split-column` for what is no time */
function readTimes(column: string, cells: readonly string[]): (number | null)[] {
  const there = cells.find((cell) => !isMissing(cell))
  // What the first one is, all are: a year beside a date would be a moment of 1970.
  const areDates = there !== undefined && readTime(there) !== null
  return cells.map((cell, item) => {
    if (isMissing(cell)) return null
    const time = areDates ? readTime(cell) : Number(cell)
    if (time !== null && Number.isFinite(time)) return time
    throw new DataError(
      `Split: “${column}” must hold ${areDates ? 'a date such as 2024-12-31' : 'a number or a date such as 2024-12-31'} in each row, got "${cell.slice(0, 40)}" in row ${item + 1} of those that are used`,
      {
        code: 'split-column',
        remedy: 'Correct the cell, or name another column.',
        details: { column, row: item + 1 },
      },
    )
  })
}

function allTheSame(column: string): DataError {
  return new DataError(
    `Split: nothing is left to train on, since all items before the last part of “${column}” hold the same as some in it`,
    { code: 'split-inseparable', remedy: 'Choose another split, or take duplicates out of the data.' },
  )
}

/** The first column of dates; else the first of numbers that is called as times are. */
function timesOf({ columns, cells }: SplitItems): string | null {
  const holds = (name: string, isTime: (cell: string) => boolean) => {
    const there = cells(name).filter((cell) => !isMissing(cell))
    return there.length > 1 && there.every(isTime) && there.some((cell) => cell !== there[0])
  }
  return (
    columns.find((name) => holds(name, (cell) => readTime(cell) !== null)) ??
    columns.find((name) => timeColumn.test(name) && holds(name, (cell) => Number.isFinite(Number(cell)))) ??
    null
  )
}
