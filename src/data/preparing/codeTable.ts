import { DataError } from '../../core/errors.ts'
import type { Coding, ColumnCoding, Part, Prepared, TokenizerRecord } from '../../core/prepared.ts'
import { packPrepared, unpackPrepared } from '../../core/preparedValue.ts'
import type { DataConfig } from '../../core/runConfig.ts'
import { splitItems } from '../splitItems.ts'
import { saysParts } from '../splits/parts/saysParts.ts'
import { defineStep } from '../steps/defineStep.ts'
import { chooseColumns } from '../table/chooseColumns.ts'
import { codeColumn, numbersOf, widthOf } from '../table/columns.ts'
import type { Table } from '../table/parseTable.ts'
import { splitRows } from '../table/splitRows.ts'
import { codeTarget } from '../table/target.ts'
import { textRows, type EncodedTexts } from './encodeTexts.ts'
import { sizeOf } from './sizeOf.ts'

/**
 * The parts of a table: `features` [N, F] of the inputs, and `labels` [N] of a class, `targets` [N] of a number or
 * `targetTexts` of a text. Numbers are standardised by the training part alone; a missing one is its mean. Each value of a
 * category is a feature of its own, and so is a missing one. A column of texts is coded beside them, see `textRows`. Rows
 * without a target are left out, and so is a column that names parts. Throws `table-target`, `split-too-short`.
 */
export default defineStep<
  Pick<DataConfig, 'split' | 'table'>,
  { rows: Table; tokenizer: TokenizerRecord | null; texts: EncodedTexts | null },
  Omit<Prepared, 'key'>
>({
  id: 'table/parts',
  title: 'Parts of the rows',
  version: 4,
  codec: { pack: packPrepared, unpack: unpackPrepared },
  run({ config: { split, table: wanted }, seed, inputs: given }) {
    const { columns } = given.rows
    const chosen = chooseColumns(given.rows, wanted)
    const { targetName, target, rows, targetColumn, textColumn } = chosen
    const places = splitItems(splitRows(given.rows, chosen), split, seed)
    const inputs = columns.flatMap((name, column): { column: number; coding: ColumnCoding }[] => {
      if (column === targetColumn || column === textColumn) return []
      if (saysParts(rows.map((row) => row[column]!))) return []
      const coding = codeColumn(
        name,
        Array.from(places.train, (place) => rows[place]![column]!),
      )
      return coding === null ? [] : [{ column, coding }]
    })
    const texts = given.texts && textRows(given.texts)
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
      tokenizer: given.tokenizer,
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
    const test = places.test.length > 0 ? partOf(places.test) : null
    const { notices } = places
    return {
      kind: 'table',
      train,
      validation,
      ...(test && { test }),
      coding,
      sizeBytes: sizeOf(train, validation, ...(test ? [test] : [])),
      ...(notices.length > 0 && { notices }),
    }
  },
})
