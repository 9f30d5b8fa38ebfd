import { importText, type ImportOptions, type ImportSummary } from './importText.ts'
import type { ImportSource } from './reading/source.ts'

/** As `importText`, with the whole text in memory: for the command line and for small files. */
export async function collectText(
  files: readonly ImportSource[],
  options: ImportOptions = {},
): Promise<ImportSummary & { text: string }> {
  const running = importText(files, options)
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  const parts: string[] = []
  for (;;) {
    const { done, value } = await running.next()
    if (done) return { ...value, text: parts.join('') }
    parts.push(decoder.decode(value)) // no piece ends inside a character
  }
}
