import { withArrays } from './arrays/arraySources.ts'
import type { DataKind } from '../core/catalog.ts'
import { DataError } from '../core/errors.ts'
import { asFound, type Reading } from '../core/reading.ts'
import { createSha256 } from '../core/sha256.ts'
import { shownName } from '../core/shownName.ts'
import { encodeImageSet } from './images/imageSet.ts'
import { unpacked } from './containers/unpacked.ts'
import { importImages } from './images/importImages.ts'
import { sortOut, type Sorted } from './images/sortOut.ts'
import { readBeside } from './images/readBeside.ts'
import { importText, type ImportOptions, type ImportSummary } from './importText.ts'
import { compareNames } from './reading/naturalOrder.ts'
import type { ImportNotice, Notify } from './reading/notice.ts'
import { maxSetSizeBytes, tooLarge } from './reading/sizeLimit.ts'
import { pathOf, type ImportSource } from './reading/source.ts'
import { partsOfFiles } from './splits/parts/partsOfPaths.ts'
import { joinedTables, readsAsTable, readTable, type ReadTable } from './table/importTable.ts'
import { plainNumbers } from './table/plainNumbers.ts'
import { tableText } from './table/tableText.ts'

export type ImportedSummary = ImportSummary & { readonly kind: DataKind }

export interface ImportFilesOptions extends ImportOptions {
  /** Called once, before the first piece. */
  onKind?(kind: DataKind): void
}

/** Pieces of content that comes whole. */
const pieceSizeBytes = 1 << 20

/**
 * Reads files as one data set of the kind that they are: pictures (with their folders, captions and labels), tables of the
 * same columns, or else texts joined to one. Archives, Parquet files and arrays are taken apart first. Yields the canonical
 * content and returns its hash and counts; nothing is to be kept unless it returns. Throws only `DataError`: what
 * `importText` and the containers throw, `no-images`.
 */
export async function* importFiles(
  dropped: readonly ImportSource[],
  options: ImportFilesOptions = {},
): AsyncGenerator<Uint8Array, ImportedSummary, void> {
  const { signal, onKind, reading = asFound } = options
  const notices: ImportNotice[] = []
  const notify: Notify = (level, message) => void notices.push({ level, message })
  const files = withArrays(await unpacked(dropped, { signal, notify }), notify).sort((a, b) =>
    compareNames(pathOf(a), pathOf(b)),
  )
  if (files.length === 0 && dropped.length > 0) throw nothingInside(dropped)
  const sorted = await sortOut(files, signal)
  if (sorted.images.length > 0 && sorted.images.length >= sorted.others.length) {
    onKind?.('images')
    return withNotices(notices, yield* imageSet(sorted, options))
  }
  const read = await tableOf(files, reading, { notify, signal })
  onKind?.(read ? 'table' : 'text')
  if (read) return withNotices(notices, yield* table(files, read, reading))
  return withNotices(notices, { kind: 'text', ...(yield* importText(files, options)) })
}

function nothingInside(dropped: readonly ImportSource[]): DataError {
  const [{ name }] = dropped as [ImportSource]
  return new DataError(
    `${name}${dropped.length > 1 ? ` and ${dropped.length - 1} more` : ''}: must hold files, got none but what systems leave beside them; nothing was stored`,
    {
      code: 'no-files',
      remedy: 'Pack it again with its files; links in an archive are not followed.',
      details: { file: name },
    },
  )
}

/** What was said while containers were opened comes first. */
function withNotices(notices: readonly ImportNotice[], summary: ImportedSummary): ImportedSummary {
  return { ...summary, notices: [...notices, ...summary.notices] }
}

/** All files as one table, where rows are meant and all have the same columns; else null. */
async function tableOf(
  files: readonly ImportSource[],
  reading: Reading,
  { notify, signal }: { readonly notify: Notify; readonly signal: AbortSignal | undefined },
): Promise<ReadTable | null> {
  const parts = partsOfFiles(files.map(pathOf))
  const tables: ReadTable[] = []
  let length = 0
  const isAsked = reading.delimiter !== 'auto'
  let isMeant = isAsked
  for (const file of files) {
    const read = await readTable(file, signal, reading)
    if (!read) return null
    const isTable = readsAsTable(read.table)
    // Of parts one says it for all: a test part may lack the classes that tell a table from a text.
    if (!isAsked && !isTable && !parts) return null
    isMeant ||= isTable
    tables.push(read)
    length += read.text.length
    if (length > maxSetSizeBytes) throw tooLarge(length)
  }
  if (!isMeant) return null
  const joined = joinedTables(tables, parts)
  if (!joined && parts) throw otherColumns(files, tables)
  if (joined && tables.length > 1) {
    notify('info', `${tables.length} tables with the same columns are one set, in the order of their names.`)
    if (joined.table.columns.length > tables[0]!.table.columns.length)
      notify(
        'info',
        `The column “${joined.table.columns[0]!}” says by their names which part each row is of: ${[...new Set(parts)].join(', ')}. The split “As given” goes by it.`,
      )
  }
  return joined && withPlainNumbers(joined, notify)
}

/** Numbers as programs write them, and a word about it. */
function withPlainNumbers(read: ReadTable, notify: Notify): ReadTable {
  const plain = plainNumbers(read.table)
  if (plain === null) return read
  const { table, rewritten } = plain
  const [first] = rewritten
  const where = rewritten.length === 1 ? `“${first!.name}”` : `${rewritten.length} columns`
  notify('info', `Numbers of ${where} were written for people: ${first!.from} is ${first!.to} here.`)
  return { ...read, text: tableText(table.columns, table.rows), table }
}

/** Of files whose names say that they are parts of one table. */
function otherColumns(files: readonly ImportSource[], tables: readonly ReadTable[]): DataError {
  const all = [...new Set(tables.flatMap(({ table }) => table.columns))]
  const lacking = tables.map(({ table }) => all.filter((name) => !table.columns.includes(name)))
  const lack = lacking.findIndex(({ length }) => length > 0)
  const what =
    lack < 0
      ? `${files[1]!.name}: must have its columns in the order of ${files[0]!.name}, and with names`
      : `${files[lack]!.name}: must have the same columns as the other parts, lacks ${shownNames(lacking[lack]!)}`
  return new DataError(`${what}; nothing was stored`, {
    code: 'other-columns',
    remedy:
      'Drop the files of which each row has all columns; what says no target can be no part to measure with.',
    details: { file: files[Math.max(lack, 0)]!.name },
  })
}

function shownNames(names: readonly string[]): string {
  const shown = names.slice(0, 3).map((name) => `“${name}”`)
  return `${shown.join(', ')}${names.length > shown.length ? ` and ${names.length - shown.length} more` : ''}`
}

async function* imageSet(
  { images, others }: Sorted,
  { signal, onProgress }: ImportOptions,
): AsyncGenerator<Uint8Array, ImportedSummary, void> {
  const notices: ImportNotice[] = []
  const notify = (level: ImportNotice['level'], message: string) => void notices.push({ level, message })
  const totalBytes = images.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  let doneBytes = 0
  const set = await importImages(images, {
    metadata: await readBeside(images, others, { signal, notify }),
    signal,
    notify,
    onFile({ name, sizeBytes }) {
      doneBytes += sizeBytes
      onProgress?.({ phase: 'decoding', file: name, doneBytes, totalBytes })
    },
  })
  const bytes = encodeImageSet(set)
  const files = [...filesByFolder(images, 'images')]
  return yield* whole(bytes, { kind: 'images', files, notices, records: set.count })
}

async function* table(
  files: readonly ImportSource[],
  { text, table: { rows, skipped }, importer, found }: ReadTable,
  { mostBroken }: Reading,
): AsyncGenerator<Uint8Array, ImportedSummary, void> {
  const name = `${files[0]!.name}${files.length > 1 ? ' and others' : ''}`
  const total = rows.length + skipped
  if (skipped > mostBroken * total) throw tooManyBroken(name, skipped, total)
  const notices: ImportNotice[] =
    skipped > 0
      ? [
          {
            level: 'warning',
            message: `${name}: ${skipped} of ${total} rows are broken, most of them with another number of cells; they were left out.`,
          },
        ]
      : []
  return yield* whole(new TextEncoder().encode(text), {
    kind: 'table',
    files: files.map(({ name, sizeBytes }) => ({ name, sizeBytes, importer })),
    notices,
    records: rows.length,
    ...(found && { found }),
  })
}

function tooManyBroken(name: string, skipped: number, total: number): DataError {
  return new DataError(
    `${name}: ${skipped} of ${total} rows have another number of cells than there are columns; nothing was stored`,
    {
      code: 'broken-records',
      remedy:
        'Say how its columns are parted, or allow more rows to be left out (“Read differently”, --delimiter, --most-broken).',
      details: { skipped, total },
    },
  )
}

/** One line a folder: a list of ten thousand names tells nobody anything. */
function* filesByFolder(
  files: readonly ImportSource[],
  importer: string,
): Generator<ImportSummary['files'][number]> {
  const folders = new Map<string, { count: number; sizeBytes: number; first: string }>()
  for (const file of files) {
    const folder = pathOf(file).split('/').slice(0, -1).join('/')
    const entry = folders.get(folder) ?? { count: 0, sizeBytes: 0, first: file.name }
    entry.count++
    entry.sizeBytes += file.sizeBytes
    folders.set(folder, entry)
  }
  for (const [folder, { count, sizeBytes, first }] of folders) {
    const name = count === 1 ? first : `${shownName(folder) || 'pictures'} (${count} files)`
    yield { name, sizeBytes, importer }
  }
}

async function* whole(
  bytes: Uint8Array,
  summary: Pick<ImportedSummary, 'kind' | 'files' | 'notices' | 'found'> & { records: number },
): AsyncGenerator<Uint8Array, ImportedSummary, void> {
  if (bytes.length > maxSetSizeBytes) throw tooLarge(bytes.length)
  const hash = createSha256()
  for (let at = 0; at < bytes.length; at += pieceSizeBytes) {
    const piece = bytes.subarray(at, at + pieceSizeBytes)
    hash.update(piece)
    yield piece
  }
  const { records, ...rest } = summary
  return {
    ...rest,
    sha256: hash.hex(),
    sizeBytes: bytes.length,
    counts: { characters: 0, lines: 0, distinctCharacters: 0, records },
  }
}
