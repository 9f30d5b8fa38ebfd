import type { DataConfig } from '../../core/runConfig.ts'
import { defineStep } from '../steps/defineStep.ts'
import { chooseColumns } from '../table/chooseColumns.ts'
import type { Table } from '../table/parseTable.ts'
import { splitRows } from '../table/splitRows.ts'
import type { ItemTexts } from './learnTextsTokenizer.ts'

/** A table's column of texts, with what is to be written of each; null where it has none. Throws `table-target`. */
export default defineStep<{ table: DataConfig['table'] }, { rows: Table }, ItemTexts | null>({
  id: 'table/texts',
  title: 'Column of texts',
  version: 1,
  codec: null,
  run({ config: { table }, inputs }) {
    const chosen = chooseColumns(inputs.rows, table)
    const { rows, textColumn, target } = chosen
    if (textColumn === null) return null
    const texts = rows.map((row) => row[textColumn]!)
    return {
      texts,
      targets: target.kind === 'text' ? target.texts : null,
      items: splitRows(inputs.rows, chosen),
    }
  },
})
