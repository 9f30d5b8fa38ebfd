import { DataError } from '../../core/errors.ts'
import type { Notify } from '../reading/notice.ts'
import { pathOf, readWhole, type ImportSource } from '../reading/source.ts'
import { readTable } from '../table/importTable.ts'
import type { Table } from '../table/parseTable.ts'
import { isMetadata, metadataOf, stemOf, type Metadata } from './metadata.ts'

/** A caption is no longer; a longer text beside a picture is something else. Bytes. */
const longestCaption = 4096

/**
 * What lies beside pictures: tables that name their files, and texts that are called as they are. What is neither is left
 * out and counted. Throws `cancelled`, `unreadable-file`.
 */
export async function readBeside(
  images: readonly ImportSource[],
  others: readonly ImportSource[],
  { signal, notify }: { signal: AbortSignal | undefined; notify: Notify },
): Promise<Metadata> {
  const stems = new Set(images.map((file) => stemOf(pathOf(file))))
  const captions = new Map<string, string>()
  const tables: Table[] = []
  const ignored: string[] = []
  for (const file of others) {
    const stem = stemOf(pathOf(file))
    if (/\.(txt|caption)$/i.test(file.name) && stems.has(stem) && file.sizeBytes <= longestCaption) {
      const text = new TextDecoder().decode(await readWhole(file, signal))
      captions.set(stem, text.trim().replace(/\s+/g, ' '))
      continue
    }
    const table = await tableOf(file, signal)
    if (table && isMetadata(table)) tables.push(table)
    else ignored.push(file.name)
  }
  if (ignored.length > 0) {
    const names = ignored.slice(0, 3).join(', ')
    const more = ignored.length > 3 ? ` and ${ignored.length - 3} more` : ''
    notify('warning', `Left out, being neither pictures nor tables that name them: ${names}${more}.`)
  }
  return metadataOf(tables, captions)
}

async function tableOf(file: ImportSource, signal: AbortSignal | undefined): Promise<Table | null> {
  try {
    return (await readTable(file, signal))?.table ?? null
  } catch (error) {
    if (error instanceof DataError && error.code !== 'cancelled' && error.code !== 'unreadable-file')
      return null
    throw error
  }
}
