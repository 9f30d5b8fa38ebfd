import type { Coding, ColumnCoding, ItemArray, Prepared } from '../../core/prepared.ts'
import type { DataConfig } from '../../core/runConfig.ts'
import { textColumnOf } from '../table/chooseColumns.ts'
import { isMissing, numbersOf, widthOf } from '../table/columns.ts'
import { readLabelSets, separators } from '../table/labelSets.ts'
import type { Table } from '../table/parseTable.ts'
import { labelSetRows, readTarget, standardised } from '../table/target.ts'
import { saysParts } from '../splits/parts/saysParts.ts'
import { defineStep } from '../steps/defineStep.ts'
import { encodeItemTexts, textRows } from './encodeTexts.ts'
import { allMeasured, lacking, placesAmong } from './otherItems.ts'

/**
 * All rows of another table that have the target, by the columns, the scales, the classes and the tokens that a model knows.
 * Throws `data-other`, `classes-unknown`, `table-target`.
 */
export default defineStep<
  { table: DataConfig['table'] },
  { rows: Table; coding: Coding },
  Omit<Prepared, 'key'>
>({
  id: 'table/coded',
  title: 'Rows of another table',
  version: 1,
  codec: null,
  run({ config: { table: wanted }, inputs: { rows: given, coding } }) {
    const { inputs, target } = coding.table!
    const places = columnPlaces(
      given,
      [...inputs, target].map(({ name }) => name),
    )
    const targetColumn = places.at(-1)!
    const rows = given.rows.filter((row) => !isMissing(row[targetColumn]!))
    const left = given.rows.length - rows.length
    if (rows.length === 0)
      throw lacking(
        `Table: no row has a value of ${target.name}, which is what the model says`,
        'Give rows whose target is known: there is nothing to compare with.',
      )
    const numFeatures = inputs.reduce((sum, each) => sum + widthOf(each), 0)
    const features = new Float32Array(rows.length * numFeatures)
    rows.forEach((row, i) => {
      let at = i * numFeatures
      inputs.forEach((each, k) => {
        numbersOf(each, row[places[k]!]!, features, at)
        at += widthOf(each)
      })
    })
    const cells = rows.map((row) => row[targetColumn]!)
    const arrays: Record<string, ItemArray> = { features, ...targetArrays(target, cells, wanted) }
    if (coding.facts.textTokens !== undefined) {
      const column = textColumn({ ...given, rows }, places, wanted.text)
      const targets = target.kind === 'text' ? cells : null
      const texts = encodeItemTexts({ texts: rows.map((row) => row[column]!), targets }, coding.tokenizer!)
      const all = Int32Array.from(rows, (_, place) => place)
      Object.assign(arrays, textRows(texts).arraysOf(all))
    }
    return allMeasured({
      kind: 'table',
      part: { count: rows.length, arrays },
      coding,
      notices: left > 0 ? [`${left} rows without a value of ${target.name} were left out.`] : [],
    })
  },
})

function columnPlaces({ columns }: Table, names: readonly string[]): number[] {
  const places = names.map((name) => columns.indexOf(name))
  const missing = names.filter((_, i) => places[i] === -1)
  if (missing.length === 0) return places
  const shown = (all: readonly string[]) => all.slice(0, 20).join(', ') + (all.length > 20 ? ', …' : '')
  throw lacking(
    `Table: the model needs the columns ${shown(names)}, and there is no ${shown(missing)}; there are ${shown(columns)}`,
    'Call the columns as the training table does.',
  )
}

/** The one that is asked for; else the longest of those that are neither read as numbers nor the target. */
function textColumn(table: Table, taken: readonly number[], wanted: string): number {
  const isTaken = (place: number) => taken.includes(place) || saysParts(table.rows.map((row) => row[place]!))
  const free = table.columns.flatMap((_, place) => (isTaken(place) ? [] : [place]))
  const found = textColumnOf(
    {
      ...table,
      columns: free.map((place) => table.columns[place]!),
      rows: table.rows.map((row) => free.map((place) => row[place]!)),
    },
    wanted,
    { target: -1, least: 0 },
  )
  if (found !== null) return free[found]!
  throw lacking('Table: the model reads a column of texts, and there is none', 'Give the table its texts.')
}

function targetArrays(
  target: ColumnCoding,
  cells: readonly string[],
  { separator }: DataConfig['table'],
): Record<string, ItemArray> {
  const { name } = target
  switch (target.kind) {
    case 'text':
      return {}
    case 'category':
      return { labels: placesAmong(target.values, cells, `Table: the target ${name}`) }
    case 'number': {
      const read = readTarget(name, cells, { targetKind: 'number', separator })
      return { targets: standardised(read.kind === 'number' ? [...read.numbers] : [], target) }
    }
    case 'labels': {
      const { labels, sets } = labelsAmong(target.values, name, cells, separator)
      const own = placesAmong(target.values, labels, `Table: the target ${name}`)
      return {
        labelSets: labelSetRows(sets.map((set) => set.map((label) => own[label]!).sort((a, b) => a - b))),
      }
    }
  }
}

/** A few rows need not show what parts their labels: it is what makes them known ones. */
function labelsAmong(known: readonly string[], name: string, cells: readonly string[], separator: string) {
  const guesses = separator === '' ? separators : [separator]
  const read = guesses.map((each) => readLabelSets(name, cells, each))
  return read.find(({ labels }) => labels.every((label) => known.includes(label))) ?? read[0]!
}
