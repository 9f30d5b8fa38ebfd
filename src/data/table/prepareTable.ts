import { DataError } from '../../core/errors.ts'
import type { Coding, ColumnCoding, Part, Prepared } from '../../core/prepared.ts'
import { nearestName } from '../../core/schema.ts'
import { prepareKey } from '../prepareKey.ts'
import type { PrepareTextRequest } from '../prepareText.ts'
import { splitItems } from '../splitItems.ts'
import { codeTexts } from '../codeTexts.ts'
import { classColumn, codeColumn, isMissing, isNumeric, mostValues, numbersOf } from './columns.ts'
import { parseTable, type Table } from './parseTable.ts'

type Request = Omit<PrepareTextRequest, 'textChunks'>

/** More classes than this are taken for a text, or for numbers. */
const mostClasses = 1000

/**
 * A table to its two parts: `features` [N, F] of the inputs, and `labels` [N] of a class or `targets` [N] of a number. Numbers
 * are standardised by the training part alone; a missing one is its mean. Each value of a category is a feature of its own,
 * and so is a missing one. A column of texts is coded beside them, see `codeTexts`. Rows without a target are left out. Throws `table-target`, `split-too-short` and what
 * `parseTable` throws.
 */
export async function prepareTable(bytes: Uint8Array, request: Request): Promise<Prepared> {
  const { data, seed } = request
  const table = parseTable(new TextDecoder().decode(bytes))
  const target = targetOf(table.columns, data.table.target)
  const rows = table.rows.filter((row) => !isMissing(row[target]!))
  const targets = rows.map((row) => row[target]!)
  const isNumber =
    data.table.targetKind === 'number' || (data.table.targetKind === 'auto' && isNumeric(targets))
  if (isNumber && !isNumeric(targets)) throw notNumbers(table.columns[target]!, targets)
  const classes = isNumber ? [] : [...new Set(targets)].sort(byValue)
  if (classes.length > mostClasses) throw tooManyClasses(table.columns[target]!, classes.length)
  const labels = Int32Array.from(isNumber ? [] : targets, (value) => classes.indexOf(value))
  const places = splitItems({ count: rows.length, split: data.split, seed, labels: isNumber ? null : labels })

  const textColumn = textColumnOf(table, target, data.table.text)
  const inputs = table.columns.flatMap((name, column): { column: number; coding: ColumnCoding }[] => {
    if (column === target || column === textColumn) return []
    const coding = codeColumn(
      name,
      Array.from(places.train, (place) => rows[place]![column]!),
    )
    return coding === null ? [] : [{ column, coding }]
  })
  const texts =
    textColumn === null
      ? null
      : await codeTexts(
          rows.map((row) => row[textColumn]!),
          data,
        )
  if (inputs.length === 0 && texts === null) {
    throw new DataError('Table: no column beside the target tells anything apart', {
      code: 'table-target',
      remedy: 'Choose another target, or a table with more columns.',
    })
  }
  const targetNumbers = Float64Array.from(isNumber ? targets : [], Number)
  const targetCoding: ColumnCoding = isNumber
    ? standard(
        table.columns[target]!,
        Array.from(places.train, (place) => targetNumbers[place]!),
      )
    : { name: table.columns[target]!, kind: 'category', values: classes }
  const numFeatures = inputs.reduce((sum, { coding }) => sum + widthOf(coding), 0)
  const coding: Coding = {
    facts: {
      numFeatures,
      classes,
      ...texts?.facts,
      ...(targetCoding.kind === 'number'
        ? { target: { mean: targetCoding.mean, deviation: targetCoding.deviation } }
        : {}),
    },
    tokenizer: texts?.tokenizer ?? null,
    table: { inputs: inputs.map(({ coding: own }) => own), target: targetCoding },
  }
  const partOf = (chosen: Int32Array): Part => {
    const features = new Float32Array(chosen.length * numFeatures)
    chosen.forEach((place, i) => {
      let at = i * numFeatures
      for (const { column, coding: own } of inputs) {
        numbersOf(own, rows[place]![column]!, features, at)
        at += widthOf(own)
      }
    })
    const inputArrays = { features, ...texts?.arraysOf(chosen) }
    if (targetCoding.kind === 'category') {
      const own = chosen.map((place) => labels[place]!)
      return { count: chosen.length, arrays: { ...inputArrays, labels: own } }
    }
    const { mean, deviation } = targetCoding
    const targets = Float32Array.from(chosen, (place) => (targetNumbers[place]! - mean) / deviation)
    return { count: chosen.length, arrays: { ...inputArrays, targets } }
  }
  const train = partOf(places.train)
  const validation = partOf(places.validation)
  return {
    key: prepareKey('table', request.contentSha256, data, seed),
    kind: 'table',
    train,
    validation,
    coding,
    sizeBytes: [train, validation].reduce((sum, { arrays }) => sum + bytesOf(arrays), 0),
  }
}

export function widthOf(coding: ColumnCoding): number {
  return coding.kind === 'number' ? 1 : coding.values.length
}

function standard(name: string, numbers: readonly number[]): ColumnCoding {
  const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length
  const variance = numbers.reduce((sum, value) => sum + (value - mean) ** 2, 0) / numbers.length
  return { name, kind: 'number', mean, deviation: Math.sqrt(variance) || 1 }
}

/** Numbers by size, all else by letters; the same on every machine. */
function byValue(a: string, b: string): number {
  const difference = Number(a) - Number(b)
  if (difference !== 0 && !Number.isNaN(difference)) return difference
  return a < b ? -1 : a > b ? 1 : 0
}

function bytesOf(arrays: Part['arrays']): number {
  return Object.values(arrays).reduce((sum, { byteLength }) => sum + byteLength, 0)
}

/** What is asked for; else the last column that is called as classes are; else the last. */
function targetOf(columns: readonly string[], wanted: string): number {
  if (wanted === '') {
    const named = columns.findLastIndex((name) => classColumn.test(name))
    return named >= 0 ? named : columns.length - 1
  }
  return columnOf(columns, wanted, 'target')
}

/** What is asked for; else the column with the longest cells that are too many to be categories; null where there is none. */
function textColumnOf({ columns, rows }: Table, target: number, wanted: string): number | null {
  if (wanted !== '') return columnOf(columns, wanted, 'text')
  let best: { column: number; length: number } | null = null
  for (let column = 0; column < columns.length; column++) {
    const cells = rows.map((row) => row[column]!)
    if (column === target || isNumeric(cells) || new Set(cells).size <= mostValues) continue
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
        : `Choose one of them as the ${what}, or none to let it be found.`,
    },
  )
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
      remedy: 'It reads like a text or a name: choose a column with classes, or with numbers.',
    },
  )
}
