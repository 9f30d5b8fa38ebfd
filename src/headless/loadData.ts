import { createReadStream, statSync } from 'node:fs'
import { basename } from 'node:path'
import { Readable } from 'node:stream'
import { canonicalJson } from '../core/canonicalJson.ts'
import { DataError } from '../core/errors.ts'
import type { DataSource, RunConfig } from '../core/runConfig.ts'
import { loadBundled } from '../data/datasets/bundledNode.ts'
import { importText } from '../data/importText.ts'
import { prepareText } from '../data/prepare.ts'
import type { PreparedText } from '../core/preparedText.ts'
import type { ImportSource } from '../data/reading/source.ts'
import type { Checkpoint } from '../storage/checkpoint.ts'

/** Text of a run, and where it came from. */
export interface LoadedText {
  source: DataSource
  bytes: Uint8Array
  sha256: string
  notices: string[]
}

/** The text that `--data` names, else the one that the config names. Throws a DataError that says which is missing. */
export async function loadText(config: RunConfig, paths: readonly string[]): Promise<LoadedText> {
  const wanted = config.data.source
  if (paths.length > 0) {
    const loaded = await readFiles(paths)
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
    return { source: wanted, bytes, sha256: entry.sha256, notices: [] }
  }
  throw new DataError(
    `Data: the configuration needs ${wanted.name || 'a data set'} (${wanted.sizeBytes} bytes, SHA-256 ${wanted.sha256 || 'not given'})`,
    { code: 'dataset-missing', remedy: 'Name its files with --data FILE.' },
  )
}

/** Throws DataError `file-not-found` unless every path is a file. */
export function checkFiles(paths: readonly string[]): void {
  paths.forEach(fileSource)
}

/** Throws DataError `vocabulary-mismatch` where tokens would mean other characters than those the weights learned. */
export function checkVocabulary(prepared: PreparedText, { tokenizer }: Pick<Checkpoint, 'tokenizer'>): void {
  if (canonicalJson(prepared.tokenizer.state) === canonicalJson(tokenizer?.state ?? null)) return
  throw new DataError(
    'Data: this text gives another vocabulary than the one that the model was trained with',
    {
      code: 'vocabulary-mismatch',
      remedy: 'Give the text of the run, or train a new run on this one.',
    },
  )
}

/** Tokens of a text as the config cuts it up. */
export async function prepareTokens(config: RunConfig, text: LoadedText): Promise<PreparedText> {
  const decoder = new TextDecoder()
  const whole = decoder.decode(text.bytes)
  return prepareText({
    async *textChunks() {
      yield whole
    },
    sizeBytes: text.bytes.length,
    contentSha256: text.sha256,
    data: config.data,
    seed: config.seed,
  })
}

async function readFiles(paths: readonly string[]): Promise<LoadedText> {
  const reader = importText(paths.map(fileSource))
  const pieces: Uint8Array[] = []
  for (;;) {
    const next = await reader.next()
    if (!next.done) {
      pieces.push(next.value)
      continue
    }
    const { sha256, sizeBytes, notices } = next.value
    const name =
      paths.length === 1 ? basename(paths[0]!) : `${basename(paths[0]!)} and ${paths.length - 1} more`
    return {
      source: { kind: 'stored', name: name.slice(0, 255), sha256, sizeBytes },
      bytes: Buffer.concat(pieces),
      sha256,
      notices: notices.map(({ message }) => message),
    }
  }
}

function fileSource(path: string): ImportSource {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (!stats?.isFile()) {
    throw new DataError(`Data: there is no file ${path}`, {
      code: 'file-not-found',
      remedy: 'Check the path after --data.',
    })
  }
  return {
    name: basename(path),
    sizeBytes: stats.size,
    stream: () => Readable.toWeb(createReadStream(path)) as ReadableStream<Uint8Array>,
  }
}
