import { headLines } from '../reading/head.ts'
import { SkippedRecords } from '../reading/skippedRecords.ts'
import { splitLines } from '../reading/splitLines.ts'
import { parseJson, TextField, textFieldSetting } from '../reading/textField.ts'
import { defineImporter, hasExtension } from './defineImporter.ts'

const extensions = ['jsonl', 'ndjson']

/** JSON lines (jsonlines.org): one JSON value a line. */
export default defineImporter({
  id: 'json-lines',
  order: 2,
  title: 'JSON lines',
  summary: 'One JSON object or text a line.',
  extensions,
  hasRecords: true,
  fields: { textField: textFieldSetting },
  sniff(head, name) {
    const lines = headLines(head).slice(0, 100)
    const good = lines.filter((line) => /^\s*[{"]/.test(line) && 'value' in parseJson(line)).length
    if (good === 0) return 0
    return good * 2 >= lines.length || hasExtension(name, extensions) ? 0.9 : 0
  },
  async *open(source, { textField }, { notify, mostBroken }) {
    const field = new TextField(textField)
    const skipped = new SkippedRecords(source.name, 'line')
    let lineNumber = 0
    for await (const line of splitLines(source.name, source.text())) {
      lineNumber++
      if (line.trim() === '') continue
      const parsed = parseJson(line)
      const read = 'value' in parsed ? field.read(parsed.value) : parsed
      if ('why' in read) skipped.skip(lineNumber, read.why)
      else {
        skipped.use()
        yield read
      }
    }
    skipped.report({ notify, mostBroken })
    if (field.name !== null)
      notify('info', `${source.name}: text taken from the field "${field.name.slice(0, 40)}".`)
  },
})
