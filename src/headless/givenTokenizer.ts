import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import { DataError } from '../core/errors.ts'
import { missingTokenizer, namedTokenizer, type NamedTokenizer } from '../core/namedTokenizer.ts'
import type { TokenizerRecord } from '../core/prepared.ts'
import type { RunConfig } from '../core/runConfig.ts'
import { sha256Hex } from '../core/sha256.ts'
import type { GivenTokenizer } from '../data/preparing/readTokenizer.ts'
import { readTokenizerFile } from '../data/tokenizerFile.ts'
import { readWholeFile } from './readWholeFile.ts'

/** A `tokenizer.json` on the disk. */
export interface TokenizerOnDisk {
  readonly named: NamedTokenizer
  readonly record: TokenizerRecord
}

/** Reads `--tokenizer FILE`. Throws `file-not-found` and what `readTokenizerFile` throws. */
export function readTokenizerOnDisk(path: string): TokenizerOnDisk {
  if (!existsSync(path)) {
    throw new DataError(`Tokenizer: there is no file ${path}`, {
      code: 'file-not-found',
      remedy: 'Check the path after --tokenizer.',
    })
  }
  const bytes = readWholeFile(path)
  const record = readTokenizerFile(bytes)
  const named = { name: basename(path).slice(0, 255), sha256: sha256Hex(bytes), sizeBytes: bytes.length }
  return { named, record }
}

/**
 * Settings that name this file; those that name another one are refused with `tokenizer-mismatch`, since they were made
 * for that one.
 */
export function withTokenizer(config: RunConfig, { named }: TokenizerOnDisk): object {
  const wanted = namedTokenizer(config.data)
  if (wanted !== null && wanted.sha256 !== '' && wanted.sha256 !== named.sha256) {
    throw new DataError(
      `Tokenizer: the configuration was made for ${wanted.name || 'a tokenizer.json'} (${wanted.sizeBytes} bytes, SHA-256 ${wanted.sha256}), got SHA-256 ${named.sha256}`,
      {
        code: 'tokenizer-mismatch',
        remedy: 'Give the same file, or a configuration that names no file.',
      },
    )
  }
  return { ...config, data: { ...config.data, tokenizer: { kind: 'file', ...named } } }
}

/** What preparation is given of a file that the config names: from the disk, or as the checkpoint keeps it. */
export function givenTokenizer(
  { data }: RunConfig,
  record: TokenizerRecord | null,
): GivenTokenizer | undefined {
  const named = namedTokenizer(data)
  if (named === null) return undefined
  return {
    record: () =>
      record === null
        ? Promise.reject(
            missingTokenizer(named, {
              where: 'the configuration needs',
              remedy: 'Name it with train … --tokenizer FILE.',
            }),
          )
        : Promise.resolve(record),
  }
}
