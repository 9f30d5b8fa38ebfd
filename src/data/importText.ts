import { DataError } from '../core/errors.ts'
import { createSha256 } from '../core/sha256.ts'
import { defaultsOf, type ConfigValue } from '../core/schema.ts'
import type { Importer, TextSource } from './importers/defineImporter.ts'
import { hasExtension } from './importers/defineImporter.ts'
import { importers } from './importers/registry.ts'
import { checkSource, emptyFile, type CheckedSource } from './reading/checkSource.ts'
import { decodeText, normaliseNewlines } from './reading/decodeText.ts'
import { compareNames } from './reading/naturalOrder.ts'
import type { ImportNotice } from './reading/notice.ts'
import { pathOf, readChunks, type ImportSource } from './reading/source.ts'
import { maxSetSizeBytes, tooLarge } from './reading/sizeLimit.ts'
import { TextCounts } from './reading/textCounts.ts'
import { TextJoiner } from './reading/textJoiner.ts'

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
}

interface OpenFile extends CheckedSource {
  readonly source: ImportSource
  readonly importer: Importer
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
    if (sizeBytes > maxSetSizeBytes) throw tooLarge(sizeBytes)
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
  }
}

async function checkFiles(
  files: readonly ImportSource[],
  notices: ImportNotice[],
  { signal, onProgress }: ImportOptions,
): Promise<OpenFile[]> {
  if (files.length === 0)
    throw new DataError('Import: there must be at least one file, got none', { code: 'no-files' })
  const totalBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0)
  if (totalBytes > maxSetSizeBytes) throw tooLarge(totalBytes)
  let doneBytes = 0
  const opened: OpenFile[] = []
  for (const source of [...files].sort((a, b) => compareNames(pathOf(a), pathOf(b)))) {
    const checked = await checkSource(source, signal, (sizeBytes) => {
      doneBytes += sizeBytes
      if (doneBytes > maxSetSizeBytes) throw tooLarge(doneBytes) // the stream may hold more than was said
      onProgress?.({ phase: 'reading', file: source.name, doneBytes, totalBytes })
    })
    if (checked.notice) notices.push(checked.notice)
    opened.push({ ...checked, source, importer: chooseImporter(checked.head, source.name, notices) })
  }
  return opened
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
  { signal, onProgress, params }: ImportOptions,
): AsyncGenerator<{ text: string; isNewRecord: boolean }, void, void> {
  const joiner = new TextJoiner()
  const totalBytes = opened.reduce((sum, { source }) => sum + source.sizeBytes, 0)
  const notify = (level: ImportNotice['level'], message: string) => void notices.push({ level, message })
  let doneBytes = 0
  for (const { source, importer, encoding } of opened) {
    // An importer may read its text more than once: only what lies beyond what was read before is progress.
    let farthest = 0
    const text: TextSource['text'] = () => {
      let at = 0
      const bytes = readChunks(source, signal, (sizeBytes) => {
        at += sizeBytes
        if (at <= farthest) return
        farthest = at
        onProgress?.({ phase: 'decoding', file: source.name, doneBytes: doneBytes + at, totalBytes })
      })
      return decodeText(source.name, bytes, encoding)
    }
    const settings = { ...defaultsOf(importer.fields), ...params?.[importer.id] }
    const file: TextSource = {
      name: source.name,
      sizeBytes: source.sizeBytes,
      stream: () => source.stream(),
      text,
    }
    let isBlank = true
    joiner.breakRecord()
    for await (const record of importer.open(file, settings, { signal, notify })) {
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
