import { DataError } from '../core/errors.ts'
import { asFound, type FoundReading, type Reading } from '../core/reading.ts'
import { createSha256 } from '../core/sha256.ts'
import { defaultsOf, type ConfigValue } from '../core/schema.ts'
import type { ImportContext, Importer, TextRecord } from './importers/defineImporter.ts'
import { hasExtension } from './importers/defineImporter.ts'
import { importers } from './importers/registry.ts'
import { checkSource, emptyFile } from './reading/checkSource.ts'
import { decodeText, normaliseNewlines } from './reading/decodeText.ts'
import type { TextEncoding } from './reading/encoding.ts'
import type { Held } from './reading/held.ts'
import { compareNames } from './reading/naturalOrder.ts'
import type { ImportNotice } from './reading/notice.ts'
import { pathOf, readChunks, type ImportSource } from './reading/source.ts'
import { maxTextSizeBytes, tooLarge } from './reading/sizeLimit.ts'
import { TextCounts } from './reading/textCounts.ts'
import { TextJoiner } from './reading/textJoiner.ts'
import { textsOfRows } from './table/textsOfRows.ts'

/** Text is given out in pieces of at least this many UTF-16 units, the last one excepted. */
const pieceLength = 131072

export interface ImportOptions {
  readonly signal?: AbortSignal
  /** Bytes over all files; each file is read twice, first to check it ("reading"), then for its text ("decoding"). */
  onProgress?(progress: {
    phase: 'reading' | 'decoding'
    file: string
    doneBytes: number
    totalBytes: number
  }): void
  /** What the text may hold; 4 GB when it is not given. */
  readonly maxSizeBytes?: number
  /** How the files are read; as is found in them where it is not given. */
  readonly reading?: Reading
  /** Settings by importer id; what is absent takes its default. */
  readonly params?: Readonly<Record<string, Readonly<Record<string, ConfigValue>>>>
}

export interface ImportSummary {
  /** Of the canonical bytes: UTF-8 without byte order mark, `\n` line ends. */
  readonly sha256: string
  readonly sizeBytes: number
  readonly files: { name: string; sizeBytes: number; importer: string }[]
  readonly counts: { characters: number; lines: number; distinctCharacters: number; records: number }
  readonly notices: ImportNotice[]
  /** Of the first file; left out where its bytes are no text. */
  readonly found?: FoundReading
}

interface OpenFile {
  readonly source: ImportSource
  readonly importer: Pick<Importer, 'id' | 'hasRecords'>
  readonly encoding?: TextEncoding
  /** @param onBytes told how far the file has been read */
  records(onBytes: (at: number) => void, context: ImportContext): AsyncIterable<TextRecord>
}

/**
 * Reads files as one text: joined in the order of their names with a blank line between. Yields canonical UTF-8,
 * no piece ending inside a character, and returns the counts; nothing is to be kept unless it returns. Throws only
 * `DataError`: `no-files`, `too-large`, `empty-file`, `binary-file`, `unsafe-file`, `unknown-encoding`,
 * `unreadable-file`, `broken-records`, `broken-json`, `broken-csv`, `no-text-field`, `record-too-long`, `cancelled`.
 */
export async function* importText(
  files: readonly ImportSource[],
  options: ImportOptions = {},
): AsyncGenerator<Uint8Array, ImportSummary, void> {
  const { maxSizeBytes = maxTextSizeBytes } = options
  const notices: ImportNotice[] = []
  const opened = await checkFiles(files, notices, options)
  const counts = new TextCounts()
  const hash = createSha256()
  const encoder = new TextEncoder()
  let sizeBytes = 0
  let records = 0
  let held = ''
  const flush = (): Uint8Array => {
    const bytes = encoder.encode(held)
    counts.push(held)
    held = ''
    hash.update(bytes)
    sizeBytes += bytes.length
    if (sizeBytes > maxSizeBytes) throw tooLarge(sizeBytes, maxSizeBytes)
    return bytes
  }
  for await (const { text, isNewRecord } of joinedRecords(opened, notices, options)) {
    if (isNewRecord) records++
    held += text
    if (held.length >= pieceLength) yield flush()
  }
  if (held !== '') yield flush()
  return {
    sha256: hash.hex(),
    sizeBytes,
    files: opened.map(({ source, importer }) => ({
      name: source.name,
      sizeBytes: source.sizeBytes,
      importer: importer.id,
    })),
    counts: {
      characters: counts.characters,
      lines: counts.lines,
      distinctCharacters: counts.distinctCharacters,
      records,
    },
    notices,
    ...(opened[0]?.encoding && { found: { encoding: opened[0].encoding } }),
  }
}

async function checkFiles(
  files: readonly ImportSource[],
  notices: ImportNotice[],
  { signal, onProgress, params, reading = asFound, maxSizeBytes = maxTextSizeBytes }: ImportOptions,
): Promise<OpenFile[]> {
  if (files.length === 0)
    throw new DataError('Import: there must be at least one file, got none', { code: 'no-files' })
  const totalBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0)
  if (totalBytes > maxSizeBytes) throw tooLarge(totalBytes, maxSizeBytes)
  let doneBytes = 0
  const opened: OpenFile[] = []
  for (const source of [...files].sort((a, b) => compareNames(pathOf(a), pathOf(b)))) {
    if (source.held) {
      opened.push(openHeld(source, source.held))
      continue
    }
    const checked = await checkSource(
      source,
      signal,
      (sizeBytes) => {
        doneBytes += sizeBytes
        if (doneBytes > maxSizeBytes) throw tooLarge(doneBytes, maxSizeBytes) // the stream may hold more than was said
        onProgress?.({ phase: 'reading', file: source.name, doneBytes, totalBytes })
      },
      reading.encoding,
    )
    if (checked.notice) notices.push(checked.notice)
    const importer = chooseImporter(checked.head, source.name, notices)
    const told: Record<string, ConfigValue> = importer.id === 'csv' ? { header: reading.header } : {}
    const settings = { ...defaultsOf(importer.fields), ...told, ...params?.[importer.id] }
    opened.push({
      source,
      importer,
      encoding: checked.encoding,
      records(onBytes, context) {
        const text = () => {
          let at = 0
          const chunks = readChunks(source, signal, (sizeBytes) => onBytes((at += sizeBytes)))
          return decodeText(source.name, chunks, checked.encoding)
        }
        const file = { name: source.name, sizeBytes: source.sizeBytes, stream: () => source.stream(), text }
        return importer.open(file, settings, context)
      },
    })
  }
  return opened
}

/** Rows are texts where one of their columns is; pictures among texts are none. */
function openHeld(source: ImportSource, held: Held): OpenFile {
  if (held.kind !== 'rows') throw pictureAmongTexts(source.name)
  return {
    source,
    importer: { id: held.importer, hasRecords: true },
    records: (_onBytes, context) => textsOfRows(source.name, held, context),
  }
}

function pictureAmongTexts(name: string): DataError {
  return new DataError(`${name}: must be text, got a picture among more texts; nothing was stored`, {
    code: 'binary-file',
    remedy: 'Drop pictures and texts as sets of their own.',
    details: { file: name },
  })
}

/** The importer most sure of the content. A name that promises another format is worth a word. */
export function chooseImporter(head: Uint8Array, name: string, notices: ImportNotice[]): Importer {
  const ranked = importers.all.map((importer) => ({ importer, score: importer.sniff(head, name) }))
  const { importer } = ranked.reduce((best, candidate) => (candidate.score > best.score ? candidate : best))
  const promised = importers.all.find((candidate) => hasExtension(name, candidate.extensions))
  if (promised && promised !== importer) {
    notices.push({
      level: 'warning',
      message: `${name}: is named like ${promised.title} but its content reads as ${importer.title}, and so it was read.`,
    })
  }
  return importer
}

async function* joinedRecords(
  opened: readonly OpenFile[],
  notices: ImportNotice[],
  { signal, onProgress, reading = asFound }: ImportOptions,
): AsyncGenerator<{ text: string; isNewRecord: boolean }, void, void> {
  const joiner = new TextJoiner()
  const totalBytes = opened.reduce((sum, { source }) => sum + source.sizeBytes, 0)
  const notify = (level: ImportNotice['level'], message: string) => void notices.push({ level, message })
  let doneBytes = 0
  for (const { source, importer, records } of opened) {
    // An importer may read its text more than once: only what lies beyond what was read before is progress.
    let farthest = 0
    const onBytes = (at: number) => {
      if (at <= farthest) return
      farthest = at
      onProgress?.({ phase: 'decoding', file: source.name, doneBytes: doneBytes + at, totalBytes })
    }
    let isBlank = true
    joiner.breakRecord()
    for await (const record of records(onBytes, { signal, notify, mostBroken: reading.mostBroken })) {
      const piece = importer.hasRecords ? wellFormed(record.text) : record.text
      const hasInk = /\S/.test(piece)
      if (importer.hasRecords && !hasInk) continue
      if (importer.hasRecords) joiner.breakRecord()
      yield { text: joiner.push(piece), isNewRecord: importer.hasRecords || (isBlank && hasInk) }
      if (hasInk) isBlank = false
    }
    if (isBlank) throw emptyFile(source.name, 'nothing but white space or empty records')
    doneBytes += farthest
  }
  yield { text: joiner.end(), isNewRecord: false }
}

/** JSON can hold halves of surrogate pairs, which UTF-8 cannot. */
function wellFormed(text: string): string {
  return normaliseNewlines(text).replace(/\p{Cs}/gu, '\uFFFD')
}
