import { createReadStream, readdirSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { basename, join, relative, resolve, sep } from 'node:path'
import { Readable } from 'node:stream'
import { codingOf } from '../../workers/checkpointCoding.ts'
import { canonicalJson } from '../core/canonicalJson.ts'
import { DataError } from '../core/errors.ts'
import { shownName } from '../core/shownName.ts'
import { asFound, readingFields, type Reading } from '../core/reading.ts'
import type { DataSource, RunConfig } from '../core/runConfig.ts'
import { checkDataKind } from '../engine/tasks/checkFacts.ts'
import { loadBundled } from '../data/datasets/bundledNode.ts'
import { importFiles } from '../data/importFiles.ts'
import { prepareWith, type PrepareResult } from '../data/prepare.ts'
import { StepRunner } from '../data/steps/stepRunner.ts'
import type { DataKind } from '../core/catalog.ts'
import type { Prepared, TokenizerRecord } from '../core/prepared.ts'
import type { ImportSource } from '../data/reading/source.ts'
import type { Checkpoint } from '../storage/checkpoint.ts'
import type { CommandLine, FlagSpecs } from './args.ts'
import { givenTokenizer } from './givenTokenizer.ts'
import { cacheBudget, openStepFolder } from './stepFolder.ts'

/** Content of a run, and where it came from. */
export interface LoadedData {
  kind: DataKind
  source: DataSource
  bytes: Uint8Array
  sha256: string
  notices: string[]
}

/** What `--data` names, else the one that the config names. Throws a DataError that says which is missing. */
export async function loadData(
  config: RunConfig,
  paths: readonly string[],
  reading: Reading = asFound,
): Promise<LoadedData> {
  const wanted = config.data.source
  if (paths.length > 0) {
    const loaded = await readFiles(paths, reading)
    if (wanted.kind === 'stored' && wanted.sha256 !== '' && wanted.sha256 !== loaded.sha256) {
      throw new DataError(
        `Data: the configuration was made for ${wanted.name || 'a data set'} (${wanted.sizeBytes} bytes, SHA-256 ${wanted.sha256}), got SHA-256 ${loaded.sha256}`,
        {
          code: 'data-mismatch',
          remedy: 'Give the same files, or a configuration that does not name its data.',
        },
      )
    }
    return loaded
  }
  if (wanted.kind === 'bundled') {
    const { bytes, entry } = await loadBundled(wanted.id)
    return { kind: entry.kind, source: wanted, bytes, sha256: entry.sha256, notices: [] }
  }
  throw new DataError(
    `Data: the configuration needs ${wanted.name || 'a data set'} (${wanted.sizeBytes} bytes, SHA-256 ${wanted.sha256 || 'not given'})`,
    { code: 'dataset-missing', remedy: 'Name its files with --data FILE.' },
  )
}

/** Throws DataError `file-not-found` unless every path is a file or a folder with files. */
export function checkFiles(paths: readonly string[]): void {
  paths.forEach(fileSources)
}

/** Throws DataError `vocabulary-mismatch` where numbers would mean other things than those that the weights learned. */
export function checkVocabulary(
  prepared: Prepared,
  checkpoint: Pick<Checkpoint, 'tokenizer' | 'coding'>,
): void {
  const [own, other] = [prepared.coding, codingOf(checkpoint)].map(({ tokenizer, facts }) =>
    canonicalJson({ tokenizer, facts }),
  )
  if (own === other) return
  throw new DataError(
    'Data: these give another vocabulary, other sizes or other classes than the ones that the model was trained with',
    {
      code: 'vocabulary-mismatch',
      remedy: 'Give the data of the run, or train a new run on these.',
    },
  )
}

const valuesOf = <V extends string>(field: { readonly options: readonly { readonly value: V }[] }) =>
  field.options.map(({ value }) => value)

/** How the files of `--data` are read, where it is not as they are found. */
export const readingFlags = {
  delimiter: { type: 'choice', options: valuesOf(readingFields.delimiter) },
  header: { type: 'choice', options: valuesOf(readingFields.header) },
  encoding: { type: 'choice', options: valuesOf(readingFields.encoding) },
  'most-broken': { type: 'number', min: 0, max: 1 },
} as const satisfies FlagSpecs

export const readingUsage = [
  '--delimiter comma|semicolon|tab|bar, --header yes|no, --encoding NAME: how tables and texts are read, where what is',
  '              found is wrong; --most-broken SHARE: of their records that may be left out (0.5). The same flags give the',
  '              same data again',
]

export function readingOf(flags: CommandLine<typeof readingFlags>['flags']): Reading {
  return {
    delimiter: flags.delimiter ?? asFound.delimiter,
    header: flags.header ?? asFound.header,
    encoding: flags.encoding ?? asFound.encoding,
    mostBroken: flags['most-broken'] ?? asFound.mostBroken,
  }
}

/** Megabytes that what is kept for the next command may take. */
export const cacheFlag = { cache: { type: 'number', min: 0, max: 1e6 } } as const satisfies FlagSpecs

interface PrepareOptions {
  /** null: as the environment says. */
  readonly cacheMegabytes?: number | null
  /** Of the file that the config names. */
  readonly tokenizer?: TokenizerRecord | null
}

/**
 * Arrays of the content as the config cuts it up, of which only what no earlier command has left is computed. Throws
 * `data-unfit` and what `prepareWith` throws.
 */
export async function prepareData(
  config: RunConfig,
  { kind, bytes, sha256 }: LoadedData,
  { cacheMegabytes = null, tokenizer = null }: PrepareOptions = {},
): Promise<PrepareResult> {
  checkDataKind(config, kind)
  const store = openStepFolder({ budgetBytes: cacheBudget(cacheMegabytes) })
  return prepareWith(new StepRunner(store), {
    kind,
    async *content() {
      yield bytes
    },
    sizeBytes: bytes.length,
    contentSha256: sha256,
    data: config.data,
    seed: config.seed,
    tokenizer: givenTokenizer(config, tokenizer),
  })
}

/** Files and folders as one set. Throws what `importFiles` throws, and `file-not-found`. */
export async function readFiles(paths: readonly string[], reading: Reading = asFound): Promise<LoadedData> {
  const reader = importFiles(paths.flatMap(fileSources), { reading })
  const pieces: Uint8Array[] = []
  for (;;) {
    const next = await reader.next()
    if (!next.done) {
      pieces.push(next.value)
      continue
    }
    const { kind, sha256, sizeBytes, notices } = next.value
    const first = shownName(basename(paths[0]!))
    const name = paths.length === 1 ? first : `${first} and ${paths.length - 1} more`
    return {
      kind,
      source: { kind: 'stored', name: name.slice(0, 255), sha256, sizeBytes },
      bytes: Buffer.concat(pieces),
      sha256,
      notices: notices.map(({ message }) => message),
    }
  }
}

/** A file, or all files of a folder with its name before theirs. Throws DataError `file-not-found`. */
export function fileSources(path: string): ImportSource[] {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats?.isDirectory()) {
    const names = readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
    if (names.length === 0) throw notFound(`Data: the folder ${path} holds no files`)
    return names.map((name) => ({
      ...fileSource(name),
      path: [basename(resolve(path)), ...relative(path, name).split(sep)].join('/'),
    }))
  }
  if (!stats?.isFile()) throw notFound(`Data: there is no file or folder ${path}`)
  return [fileSource(path)]
}

function fileSource(path: string): ImportSource {
  return {
    name: shownName(basename(path)),
    sizeBytes: statSync(path).size,
    stream: () => Readable.toWeb(createReadStream(path)) as ReadableStream<Uint8Array>,
    async slice(begin, end) {
      const file = await open(path)
      try {
        const { buffer, bytesRead } = await file.read(new Uint8Array(end - begin), 0, end - begin, begin)
        return buffer.subarray(0, bytesRead)
      } finally {
        await file.close()
      }
    },
  }
}

function notFound(message: string): DataError {
  return new DataError(message, { code: 'file-not-found', remedy: 'Check the path after --data.' })
}
