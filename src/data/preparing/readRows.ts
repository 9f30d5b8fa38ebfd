import { defineStep } from '../steps/defineStep.ts'
import { parseTable, type Table } from '../table/parseTable.ts'
import type { Content } from './content.ts'

/** Rows and columns of a table. Throws what `parseTable` throws. */
export default defineStep<null, { content: Content }, Table>({
  id: 'table/rows',
  title: 'Rows of the table',
  version: 1,
  codec: {
    // All cells as one text and where each ends, since a list of millions of texts is slow to read as JSON.
    pack({ columns, rows, skipped }) {
      const cells = rows.flat()
      const ends = new Int32Array(cells.length)
      let end = 0
      for (const [i, cell] of cells.entries()) ends[i] = end += cell.length
      return { json: { columns, skipped }, arrays: { ends, utf8: new TextEncoder().encode(cells.join('')) } }
    },
    unpack({ json, arrays }) {
      const { columns, skipped } = json as Pick<Table, 'columns' | 'skipped'>
      const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(arrays['utf8'] as Uint8Array)
      const ends = arrays['ends'] as Int32Array
      const rows: string[][] = []
      for (let row = 0; row * columns.length < ends.length; row++) {
        const first = row * columns.length
        rows.push(
          columns.map((_, i) => text.slice(first + i === 0 ? 0 : ends[first + i - 1]!, ends[first + i]!)),
        )
      }
      return { columns, rows, skipped }
    },
  },
  run: async ({ inputs: { content } }) => parseTable(new TextDecoder().decode(await content.whole())),
})
