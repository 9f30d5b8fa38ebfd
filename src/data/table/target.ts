import type { DataFacts } from '../../core/dataFacts.ts'
import { DataError } from '../../core/errors.ts'
import type { ColumnCoding, ItemArray } from '../../core/prepared.ts'
import type { DataConfig } from '../../core/runConfig.ts'
import { countClasses } from '../countClasses.ts'
import { noLabel } from '../labelRows.ts'
import { areCodes, isNumeric, mostValues, scaleOf } from './columns.ts'
import { areLabelLists, readLabelSets, type LabelSets } from './labelSets.ts'

/** More classes than this are taken for a text, or for numbers. */
const mostClasses = 1000

/** What is to be said of each row. */
export type Target =
  | { readonly kind: 'class'; readonly classes: readonly string[]; readonly labels: Int32Array }
  | { readonly kind: 'number'; readonly numbers: Float64Array }
  | { readonly kind: 'text'; readonly texts: readonly string[] }
  | ({ readonly kind: 'labels' } & LabelSets)

/**
 * The cells of a target, all of them there, as what they are or are wanted as: numbers where all are and do not stand for
 * classes; several classes each where all are lists of such; a text where they are too many to be classes, or nearly all
 * different; else classes.
 * @throws DataError `table-target`
 */
export function readTarget(
  name: string,
  cells: readonly string[],
  { targetKind, separator }: Pick<DataConfig['table'], 'targetKind' | 'separator'>,
): Target {
  const values = new Set(cells)
  const isText = values.size > mostClasses || (values.size > mostValues && 2 * values.size > cells.length)
  const kind = targetKind === 'auto' ? kindOf(name, cells, isText) : targetKind
  if (kind === 'labels') return { kind, ...readLabelSets(name, cells, separator) }
  if (kind === 'text') return { kind, texts: cells }
  if (kind === 'number') {
    if (!isNumeric(cells)) throw notNumbers(name, cells)
    return { kind, numbers: Float64Array.from(cells, Number) }
  }
  if (values.size > mostClasses) throw tooManyClasses(name, values.size)
  const classes = [...values].sort(byValue)
  const places = new Map(classes.map((value, place) => [value, place]))
  return { kind, classes, labels: Int32Array.from(cells, (value) => places.get(value)!) }
}

function kindOf(name: string, cells: readonly string[], isText: boolean): Target['kind'] {
  if (isNumeric(cells)) return areCodes(name, cells) ? 'class' : 'number'
  if (areLabelLists(cells)) return 'labels'
  return isText ? 'text' : 'class'
}

export interface CodedTarget {
  readonly coding: ColumnCoding
  readonly facts: Pick<DataFacts, 'classes' | 'classCounts' | 'labels' | 'labelShares' | 'target'>
  /** `labels` [N] of classes, `labelSets` [N, K] of several, `targets` [N] of numbers; texts are coded with the others. */
  arraysOf(places: Int32Array): Record<string, ItemArray>
}

/** Numbers are standardised by the training part alone. */
export function codeTarget(name: string, target: Target, train: Int32Array): CodedTarget {
  if (target.kind === 'text')
    return { coding: { name, kind: 'text' }, facts: { classes: [] }, arraysOf: () => ({}) }
  if (target.kind === 'class') {
    const { classes, labels } = target
    return {
      coding: { name, kind: 'category', values: classes },
      facts: { classes, classCounts: countClasses(classes.length, labels, train) },
      arraysOf: (places) => ({ labels: places.map((place) => labels[place]!) }),
    }
  }
  if (target.kind === 'labels') return codeLabels(name, target, train)
  const { numbers } = target
  const { mean, deviation: spread } = scaleOf(Array.from(train, (place) => numbers[place]!))
  const deviation = spread || 1
  return {
    coding: { name, kind: 'number', mean, deviation },
    facts: { classes: [], target: { mean, deviation } },
    arraysOf: (places) => ({
      targets: standardised(
        Array.from(places, (place) => numbers[place]!),
        { mean, deviation },
      ),
    }),
  }
}

/** Numbers to be predicted, as models are taught them. */
export function standardised(
  numbers: readonly number[],
  { mean, deviation }: { readonly mean: number; readonly deviation: number },
): Float32Array {
  return Float32Array.from(numbers, (value) => (value - mean) / deviation)
}

/** Places of labels, as many for each row as one has at most, `noLabel` after the last. */
export function labelSetRows(
  sets: LabelSets['sets'],
  most: number = sets.reduce((longest, { length }) => Math.max(longest, length), 1),
): Int32Array {
  return Int32Array.from(
    { length: sets.length * most },
    (_, i) => sets[Math.floor(i / most)]![i % most] ?? noLabel,
  )
}

function codeLabels(name: string, { labels, sets }: LabelSets, train: Int32Array): CodedTarget {
  const most = sets.reduce((longest, { length }) => Math.max(longest, length), 1)
  const given = Int32Array.from(Array.from(train).flatMap((place) => sets[place]!))
  const counts = countClasses(
    labels.length,
    given,
    given.map((_, i) => i),
  )
  return {
    coding: { name, kind: 'labels', values: labels },
    facts: { classes: [], labels, labelShares: counts.map((count) => count / train.length) },
    arraysOf: (places) => ({
      labelSets: labelSetRows(
        Array.from(places, (place) => sets[place]!),
        most,
      ),
    }),
  }
}

/** Numbers by size, all else by letters; the same on every machine. */
function byValue(a: string, b: string): number {
  const difference = Number(a) - Number(b)
  if (difference !== 0 && !Number.isNaN(difference)) return difference
  return a < b ? -1 : a > b ? 1 : 0
}

function notNumbers(name: string, values: readonly string[]): DataError {
  const example = values.find((value) => !isNumeric([value])) ?? ''
  return new DataError(`Table: the target ${name} must be a number, got "${example.slice(0, 40)}"`, {
    code: 'table-target',
    remedy: 'Take it as a class, or choose another target.',
  })
}

function tooManyClasses(name: string, count: number): DataError {
  return new DataError(
    `Table: the target ${name} must have at most ${mostClasses} different values, got ${count}`,
    {
      code: 'table-target',
      remedy:
        'It reads like a text or a name: choose a column with classes, or take it as a text to be written.',
    },
  )
}
