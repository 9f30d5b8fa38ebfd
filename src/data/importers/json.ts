import { DataError } from '../../core/errors.ts'
import { headText, isHeadCut } from '../reading/head.ts'
import { SkippedRecords } from '../reading/skippedRecords.ts'
import { parseJson, TextField, textFieldSetting } from '../reading/textField.ts'
import { defineImporter, hasExtension } from './defineImporter.ts'

const extensions = ['json']
/** JSON can only be parsed whole, and takes several times its size in memory. */
const maxSizeBytes = 64_000_000

export default defineImporter({
  id: 'json',
  order: 3,
  title: 'JSON',
  summary: 'A list of texts or objects, at the top or as the only list of an object.',
  extensions,
  hasRecords: true,
  fields: { textField: textFieldSetting },
  sniff(head, name) {
    const text = headText(head).trimStart()
    if (!/^[[{]/.test(text)) return 0
    const isNamed = hasExtension(name, extensions)
    if (isHeadCut(head)) return /^(\[\s*["{]|\{\s*")/.test(text) ? 0.7 : 0
    const parsed = parseJson(text)
    if ('why' in parsed) return isNamed ? 0.6 : 0
    return Array.isArray(parsed.value) || isNamed ? 0.95 : 0.6
  },
  async *open(source, { textField }, { notify, mostBroken }) {
    if (source.sizeBytes > maxSizeBytes) {
      throw new DataError(
        `${source.name}: a JSON file must be at most ${maxSizeBytes / 1e6} MB, got ${Math.round(source.sizeBytes / 1e6)} MB; nothing was stored`,
        {
          code: 'too-large',
          remedy: 'Save it as JSON lines (one object a line): that is read piece by piece.',
          details: { file: source.name, sizeBytes: source.sizeBytes },
        },
      )
    }
    const pieces: string[] = []
    for await (const piece of source.text()) pieces.push(piece)
    const field = new TextField(textField)
    const skipped = new SkippedRecords(source.name, 'entry')
    for (const [i, entry] of listOf(source.name, pieces.join('')).entries()) {
      const read = field.read(entry)
      if ('why' in read) skipped.skip(i + 1, read.why)
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

function listOf(name: string, text: string): readonly unknown[] {
  const parsed = parseJson(text)
  if ('why' in parsed) {
    throw new DataError(`${name}: ${parsed.why}; nothing was stored`, {
      code: 'broken-json',
      remedy: 'Save it again where it was made, or rename it to .txt to take it as plain text.',
      details: { file: name },
    })
  }
  const { value } = parsed
  if (Array.isArray(value)) return value
  const lists = typeof value === 'object' && value !== null ? Object.values(value).filter(Array.isArray) : []
  return lists.length === 1 ? (lists[0] as unknown[]) : [value]
}
