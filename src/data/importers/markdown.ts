import { headLines } from '../reading/head.ts'
import type { Notify } from '../reading/notice.ts'
import { defineImporter, hasExtension } from './defineImporter.ts'

const extensions = ['md', 'markdown', 'mdx']
const marks = [
  /^#{1,6} \S/,
  /^(```|~~~)/,
  /\[[^[\]]+\]\([^()[\]]+\)/, // no bracket within one, so that a line of nothing else is passed over once
  /^\s*[-*+] \S/,
  /^> \S/,
  /^\|.*\|$/,
  /\*\*[^*]+\*\*/,
]
/** A header longer than this is taken for text. UTF-16 units. */
const maxFrontMatter = 16384
/** Each line fits one alternative only: with two, n lines would be tried in 2^n ways. */
const frontMatter = /^---\n(?:\w[\w-]*:.*\n|[ \t#-].*\n|\n)+(?:---|\.\.\.)[ \t]*\n/

export default defineImporter({
  id: 'markdown',
  order: 1,
  title: 'Markdown',
  summary: 'The file as it is written, marks included.',
  extensions,
  hasRecords: false,
  fields: {
    isFrontMatterKept: {
      type: 'bool',
      label: 'Keep front matter',
      help: 'Keep the block of settings between --- lines that some tools put at the top.',
      default: false,
    },
  },
  sniff(head, name) {
    const lines = headLines(head)
    const kinds = marks.filter((mark) => lines.some((line) => mark.test(line))).length
    return hasExtension(name, extensions) ? 0.5 : kinds >= 3 ? 0.3 : 0
  },
  async *open(source, { isFrontMatterKept }, { notify }) {
    let head: string | null = isFrontMatterKept ? null : ''
    for await (const text of source.text()) {
      if (head === null) {
        yield { text }
        continue
      }
      head += text
      if (head.length < maxFrontMatter) continue
      yield { text: withoutFrontMatter(head, source.name, notify) }
      head = null
    }
    if (head !== null) yield { text: withoutFrontMatter(head, source.name, notify) }
  },
})

function withoutFrontMatter(head: string, name: string, notify: Notify): string {
  const length = frontMatter.exec(head.slice(0, maxFrontMatter))?.[0].length ?? 0
  if (length > 0) notify('info', `${name}: its front matter (${length} characters) was left out.`)
  return head.slice(length)
}
