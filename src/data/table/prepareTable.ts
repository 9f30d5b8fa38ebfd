import { DataError } from '../../core/errors.ts'
import type { Coding, ColumnCoding, Part, Prepared } from '../../core/prepared.ts'
import { nearestName } from '../../core/schema.ts'
import { prepareKey } from '../prepareKey.ts'
import type { PrepareTextRequest } from '../prepareText.ts'
import { splitItems } from '../splitItems.ts'
import { codeTexts } from '../codeTexts.ts'
import { classColumn, codeColumn, isMissing, isNumeric, mostValues, numbersOf } from './columns.ts'
import { parseTable, type Table } from './parseTable.ts'
import { codeTarget, readTarget } from './target.ts'

type Request = Omit<PrepareTextRequest, 'textChunks'>

/**
 * A table to its two parts: `features` [N, F] of the inputs, and `labels` [N] of a class, `targets` [N] of a number or
 * `targetTexts` of a text. Numbers are standardised by the training part alone; a missing one is its mean. Each value of a
 * category is a feature of its own, and so is a missing one. A column of texts is coded beside them, see `codeTexts`. Rows
 * without a target are left out. Throws `table-target`, `split-too-short` and what `parseTable` throws.
 */
export async function prepareTable(bytes: Uint8Array, request: Request): Promise<Prepared> {
  const { data, seed } = request
  const table = parseTable(new TextDecoder().decode(bytes))
  const targetColumn = targetOf(table.columns, data.table.target)
  const targetName = table.columns[targetColumn]!
  const rows = table.rows.filter((row) => !isMissing(row[targetColumn]!))
  const cellsOf = (column: number): string[] => rows.map((row) => row[column]!)
  const target = readTarget(targetName, cellsOf(targetColumn), data.table.targetKind)
  const labels = target.kind === 'class' ? target.labels : null
  const places = splitItems({ count: rows.length, split: data.split, seed, labels })

  const textColumn = textColumnOf(table, data.table.text, {
    target: targetColumn,
    // What is to be turned into a text is one, however few there are.
    least: target.kind === 'text' ? 1 : mostValues,
  })
  const inputs = table.columns.flatMap((name, column): { column: number; coding: ColumnCoding }[] => {
    if (column === targetColumn || column === textColumn) return []
    const coding = codeColumn(
      name,
      Array.from(places.train, (place) => rows[place]![column]!),
    )
    return coding === null ? [] : [{ column, coding }]
  })
  const texts =
    textColumn === null
      ? null
      : await codeTexts(cellsOf(textColumn), data, target.kind === 'text' ? target.texts : null)
  if (inputs.length === 0 && texts === null) {
    throw new DataError('Table: no column beside the target tells anything apart', {
      code: 'table-target',
      remedy: 'Choose another target, or a table with more columns.',
    })
  }
  const coded = codeTarget(targetName, target, places.train)
  const numFeatures = inputs.reduce((sum, { coding }) => sum + widthOf(coding), 0)
  const coding: Coding = {
    facts: { numFeatures, ...coded.facts, ...texts?.facts },
    tokenizer: texts?.tokenizer ?? null,
    table: { inputs: inputs.map(({ coding: own }) => own), target: coded.coding },
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
    const arrays = { features, ...texts?.arraysOf(chosen), ...coded.arraysOf(chosen) }
    return { count: chosen.length, arrays }
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
  if (coding.kind === 'text') return 0
  return coding.kind === 'number' ? 1 : coding.values.length
}

function bytesOf(arrays: Part['arrays']): number {
  return Object.values(arrays).reduce((sum, { byteLength }) => sum + byteLength, 0)
}

/** What is asked for; else the last column that is called as classes are; else the last. */
export function targetOf(columns: readonly string[], wanted: string): number {
  if (wanted === '') {
    const named = columns.findLastIndex((name) => classColumn.test(name))
    return named >= 0 ? named : columns.length - 1
  }
  return columnOf(columns, wanted, 'target')
}

/** What is asked for; else the column with the longest cells of more than `least` kinds; null where there is none. */
export function textColumnOf(
  { columns, rows }: Table,
  wanted: string,
  { target, least }: { target: number; least: number },
): number | null {
  if (wanted !== '') return columnOf(columns, wanted, 'text')
  let best: { column: number; length: number } | null = null
  for (let column = 0; column < columns.length; column++) {
    const cells = rows.map((row) => row[column]!)
    if (column === target || isNumeric(cells) || new Set(cells).size <= least) continue
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
