import { defineImporter, hasExtension } from './defineImporter.ts'

const extensions = ['txt', 'text', 'log']

export default defineImporter({
  id: 'plain-text',
  order: 0,
  title: 'Plain text',
  summary: 'The file as it is.',
  extensions,
  hasRecords: false,
  fields: {},
  // What nothing else claims is text: whether it is text at all was checked before.
  sniff: (_head, name) => (hasExtension(name, extensions) ? 0.2 : 0.1),
  async *open(source) {
    for await (const text of source.text()) yield { text }
  },
})
