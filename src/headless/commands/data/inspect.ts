import type { DataKind } from '../../../core/catalog.ts'
import type { Reading } from '../../../core/reading.ts'
import { formatBytes } from '../../../core/formatBytes.ts'
import { importFiles, type ImportedSummary } from '../../../data/importFiles.ts'
import { describeSet, type SetDescription } from '../../../data/inspect/describeSet.ts'
import type { ColumnDescription } from '../../../data/inspect/describeTable.ts'
import type { Spread } from '../../../data/inspect/spread.ts'
import { presets } from '../../../runs/presets/registry.ts'
import { parseCommandLine } from '../../args.ts'
import { defineCommand, exitCodes } from '../../command.ts'
import { fileSources, readingFlags, readingOf, readingUsage } from '../../loadData.ts'

/** What the page would make of files, without storing or training anything. */
export default defineCommand({
  name: 'inspect',
  summary:
    'says what files are taken for: kind, types, counts, what is missing, lengths, classes, what could be learned',
  usage: [
    'inspect FILE… [--json]',
    'FILE: files and folders, as they would be dropped on the page; together they are one set.',
    ...readingUsage,
    '--json: one JSON object on standard output.',
  ],
  async run(args, io) {
    const { flags, words } = parseCommandLine(args, {
      flags: { ...readingFlags, json: { type: 'bool' } },
      minWords: 1,
      maxWords: 10_000,
    })
    const found = await inspect(words, readingOf(flags), io.interruptSignal())
    if (flags.json) io.print(JSON.stringify(found))
    else for (const line of linesOf(found)) io.print(line)
    return exitCodes.done
  },
})

type Found = Awaited<ReturnType<typeof inspect>>

async function inspect(paths: readonly string[], reading: Reading, signal: AbortSignal) {
  const read: { kind: DataKind; summary: ImportedSummary | null } = { kind: 'text', summary: null }
  const reader = importFiles(paths.flatMap(fileSources), {
    signal,
    reading,
    onKind: (kind) => void (read.kind = kind),
  })
  // The kind is known with the first piece.
  const first = await reader.next()
  const pieces = async function* () {
    for (let next = first; ; next = await reader.next()) {
      if (next.done) {
        read.summary = next.value
        return
      }
      yield next.value
    }
  }
  const { description, suggestion, splits } = await describeSet(read.kind, pieces())
  const { kind, sha256, sizeBytes, files, notices, counts, found = {} } = read.summary!
  const preset = presets.find(({ task }) => task === suggestion.task)?.id ?? null
  return {
    kind,
    sha256,
    sizeBytes,
    files,
    notices,
    counts,
    found,
    description,
    splits,
    suggestion: { ...suggestion, preset },
  }
}

function* linesOf({
  kind,
  sha256,
  sizeBytes,
  files,
  notices,
  found,
  description,
  splits,
  suggestion,
}: Found): Generator<string> {
  const names = files.slice(0, 5).map(({ name, importer }) => `${name} (${importer})`)
  yield `${kind}, ${formatBytes(sizeBytes)}, SHA-256 ${sha256}`
  yield `from ${names.join(', ')}${files.length > 5 ? ` and ${files.length - 5} more` : ''}`
  const told = Object.entries(found).map(([name, value]) => `${name} ${value}`)
  if (told.length > 0) yield `read with ${told.join(', ')}`
  for (const { level, message } of notices) yield `${level}: ${message}`
  yield ''
  yield* linesOfSet(description)
  yield ''
  yield `suggested task: ${suggestion.task}, split ${suggestion.split}, preset ${suggestion.preset ?? 'none'}. ${suggestion.why}`
  yield `splits that fit: ${splits.join(', ')}`
  if (suggestion.target !== undefined) yield `target: ${suggestion.target}`
  if (suggestion.text !== undefined) yield `text: ${suggestion.text}`
}

function* linesOfSet(set: SetDescription): Generator<string> {
  if (set.kind === 'text') {
    const { characters, words, lines, blankLines, lineLengths, preview } = set
    yield `${characters} characters, ${words} words, ${lines} lines, ${blankLines} of them blank`
    if (lineLengths) yield `lengths of lines: ${rangeOf(lineLengths)}`
    yield* preview
      .split('\n')
      .slice(0, 8)
      .map((line) => `| ${line.slice(0, 100)}`)
  } else if (set.kind === 'images') {
    const { count, height, width, channels, classes, captions, brightness } = set
    yield `${count} pictures of ${width} × ${height}, ${channels === 1 ? 'grey' : 'colour'}, brightness ${shown(brightness.mean)} ± ${shown(brightness.deviation)}`
    if (classes.length > 0) yield `classes: ${shares(classes, count)}`
    if (captions.lengths) yield `captions: ${captions.count}, lengths ${rangeOf(captions.lengths)}`
    yield* captions.preview.map((caption) => `| ${caption.slice(0, 100)}`)
  } else {
    yield `${set.rows} rows of ${set.columns.length} columns${set.skipped > 0 ? `, ${set.skipped} more left out` : ''}`
    for (const column of set.columns.slice(0, 100)) yield lineOfColumn(column, set.rows)
    if (set.columns.length > 100) yield `… and ${set.columns.length - 100} more columns`
    yield* set.preview.map(
      (row) =>
        `| ${row
          .slice(0, 20)
          .map((cell) => cell.slice(0, 24))
          .join(' | ')}`,
    )
  }
}

function lineOfColumn(
  { name, type, missing, distinct, spread, lengths, values }: ColumnDescription,
  rows: number,
): string {
  const parts = [`${name.slice(0, 40)}: ${type}`, `${distinct} different`]
  if (missing > 0) parts.push(`${missing} missing (${shown((100 * missing) / rows)} %)`)
  if (spread) parts.push(rangeOf(spread))
  if (lengths) parts.push(`lengths ${rangeOf(lengths)}`)
  if (values.length > 0) parts.push(shares(values, rows))
  return parts.join(', ')
}

const shown = (value: number) => String(Number(value.toPrecision(4)))

function rangeOf({ min, median, max, mean }: Pick<Spread, 'min' | 'median' | 'max' | 'mean'>): string {
  return `${shown(min)} to ${shown(max)}, median ${shown(median)}, mean ${shown(mean)}`
}

function shares(values: ColumnDescription['values'], total: number): string {
  const few = values
    .slice(0, 10)
    .map(({ value, count }) => `${value.slice(0, 24)} ${count} (${shown((100 * count) / total)} %)`)
  return values.length > 10 ? `${few.join(', ')} and ${values.length - 10} more` : few.join(', ')
}
