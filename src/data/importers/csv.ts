import { headLines, headText, isHeadCut } from '../reading/head.ts'
import { SkippedRecords } from '../reading/skippedRecords.ts'
import { delimiterName, findTextColumn, guessLayout, hasHeaderRow } from './csv/layout.ts'
import { readRows } from './csv/rows.ts'
import { defineImporter, hasExtension } from './defineImporter.ts'

const extensions = ['csv', 'tsv', 'tab']
/** How much text the layout is told from. UTF-16 units. */
const layoutLength = 262144

/** Tables after RFC 4180, with the delimiters that spreadsheets write. */
export default defineImporter({
  id: 'csv',
  order: 4,
  title: 'CSV or TSV table',
  summary: 'One text a row, from one column of a table.',
  extensions,
  hasRecords: true,
  fields: {
    textColumn: {
      type: 'text',
      label: 'Text column',
      help: 'Name of the column, or its number from 1; empty takes the one with the longest texts.',
      default: '',
      maxLength: 200,
    },
    header: {
      type: 'choice',
      label: 'First row',
      help: 'Whether the first row names the columns.',
      default: 'auto',
      options: [
        { value: 'auto', label: 'Find out' },
        { value: 'yes', label: 'Names' },
        { value: 'no', label: 'Data' },
      ],
    },
  },
  sniff(head, name) {
    const layout = guessLayout(headText(head), !isHeadCut(head))
    if (hasExtension(name, extensions)) return layout.columns > 1 ? 0.9 : 0.4
    const isTable = layout.columns > 1 && layout.rows.length >= 5 && layout.regularity >= 0.95
    // Verse and lists can have one comma a line: without the name, only what is headed like a table is one.
    return isTable && headLines(head)[0]!.length <= 40 * layout.columns && hasHeaderRow(layout) ? 0.8 : 0
  },
  async *open(source, params, { notify, mostBroken }) {
    let sample = ''
    let isWhole = true
    for await (const piece of source.text()) {
      sample += piece
      if (sample.length < layoutLength) continue
      isWhole = false
      break
    }
    const layout = guessLayout(sample, isWhole)
    const hasHeader = params.header === 'auto' ? hasHeaderRow(layout) : params.header === 'yes'
    const column = findTextColumn(source.name, layout, hasHeader, params.textColumn)
    const skipped = new SkippedRecords(source.name, 'row')
    for await (const { cells, row } of readRows(source.name, source.text(), layout.delimiter)) {
      if ((hasHeader && row === 1) || (cells.length === 1 && cells[0]!.trim() === '')) continue
      const text = cells[column]
      // More cells than columns come from a delimiter that was not quoted: what they hold is cut in the wrong places.
      const hasExcess = cells.slice(layout.columns).some((cell) => cell.trim() !== '')
      if (text === undefined || hasExcess)
        skipped.skip(row, `has ${cells.length} of ${layout.columns} columns`)
      else {
        skipped.use()
        yield { text }
      }
    }
    skipped.report({ notify, mostBroken })
    // A row of names can be shorter than the others.
    const heading = hasHeader ? (layout.rows[0]?.[column] ?? '').trim() : ''
    const title = heading === '' ? `${column + 1}` : `"${heading.slice(0, 40)}"`
    const parts =
      layout.columns === 1
        ? 'one column'
        : `${layout.columns} columns parted by ${delimiterName(layout.delimiter)}`
    notify('info', `${source.name}: text taken from column ${title} of ${parts}.`)
  },
})
