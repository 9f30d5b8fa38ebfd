import type { Datasets } from '../../runs/datasets.svelte.ts'
import { formatCount, formatExact, formatPercent } from '../format.ts'

export type DescribedSet = Awaited<ReturnType<Datasets['describe']>>
type Shares = readonly { readonly value: string; readonly count: number }[]
interface Range {
  readonly min: number
  readonly median: number
  readonly max: number
}

/** One row of what a set holds: a column of a table, the classes or the captions of images, the lines of a text. */
export interface Holding {
  readonly name: string
  readonly type: string
  /** Share of items without it; null where none is missing. */
  readonly missing: string | null
  readonly values: string
}

const most = 8

export function holdingsOf({ description: set }: DescribedSet): Holding[] {
  if (set.kind === 'text') {
    const { words, lines, blankLines, lineLengths } = set
    const missing = blankLines > 0 && lines > 0 ? formatPercent(blankLines / lines) : null
    const lengths = lineLengths ? `, ${rangeOf(lineLengths)} characters long` : ''
    return [{ name: 'Lines', type: 'text', missing, values: `${formatCount(words)} words${lengths}` }]
  }
  if (set.kind === 'images') {
    const { classes, captions, count } = set
    const rows: Holding[] = []
    if (classes.length > 0)
      rows.push({
        name: 'Classes',
        type: 'category',
        missing: null,
        values: sharesOf(classes, classes.length, count),
      })
    if (captions.lengths) {
      const missing = captions.count < count ? formatPercent(1 - captions.count / count) : null
      rows.push({
        name: 'Captions',
        type: 'text',
        missing,
        values: `${rangeOf(captions.lengths)} characters long`,
      })
    }
    return rows
  }
  return set.columns.map(({ name, type, missing, distinct, spread, lengths, values }) => ({
    name,
    type,
    missing: missing > 0 ? formatPercent(missing / set.rows) : null,
    values: spread
      ? rangeOf(spread)
      : lengths
        ? `${formatCount(distinct)} different, ${rangeOf(lengths)} characters long`
        : values.length > 0
          ? sharesOf(values, distinct, set.rows)
          : `${formatCount(distinct)} different`,
  }))
}

function rangeOf({ min, median, max }: Range): string {
  const shown = (value: number) => formatExact(Number(value.toPrecision(4)))
  return `${shown(min)} to ${shown(max)}, in the middle ${shown(median)}`
}

function sharesOf(values: Shares, distinct: number, total: number): string {
  const few = values.slice(0, most).map(({ value, count }) => `${value} ${formatPercent(count / total)}`)
  return distinct > few.length
    ? `${few.join(', ')} and ${formatCount(distinct - few.length)} more`
    : few.join(', ')
}
