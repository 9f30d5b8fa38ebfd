import { DataError } from '../core/errors.ts'
import type { TokenizerRecord } from '../core/prepared.ts'
import { createTokenizer } from './tokenizers/registry.ts'

const mostBytes = 100_000_000
/** Levels of lists and objects in a file; real ones have six. */
const mostLevels = 32
/** Kinds whose state is the content of a `tokenizer.json`. */
export const kindsOfFiles: readonly string[] = ['bpe', 'wordpiece']

/**
 * The tokenizer of a `tokenizer.json` of Hugging Face, for what `readTokenizerJson` reads of them.
 * @throws DataError `tokenizer-not-json`, `bad-tokenizer`, `tokenizer-unsupported`
 */
export function readTokenizerFile(bytes: Uint8Array): TokenizerRecord {
  const state = parseFile(bytes)
  const model = typeof state === 'object' && state !== null && 'model' in state ? state.model : null
  const fields = (typeof model === 'object' && model !== null ? model : {}) as Record<string, unknown>
  const isMerging = fields['type'] === 'BPE' || (fields['type'] === undefined && 'merges' in fields)
  const record = { kind: isMerging ? 'bpe' : 'wordpiece', state }
  createTokenizer(record)
  return record
}

function parseFile(bytes: Uint8Array): unknown {
  if (bytes.length > mostBytes) throw notJson(`must have at most ${mostBytes} bytes, got ${bytes.length}`)
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw notJson(
      `must be JSON in UTF-8 (${cause instanceof Error ? cause.message.slice(0, 100) : ''})`,
      cause,
    )
  }
  if (hasMoreLevels(value, mostLevels)) throw notJson(`must have at most ${mostLevels} levels`)
  return value
}

function hasMoreLevels(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((part) => hasMoreLevels(part, levels - 1))
}

function notJson(rule: string, cause?: unknown): DataError {
  return new DataError(`tokenizer.json: ${rule}`, {
    code: 'tokenizer-not-json',
    remedy: 'Take the file tokenizer.json of a model, or one that the command tokenize wrote.',
    cause,
  })
}

/** Whether a tokenizer can be written as a `tokenizer.json`. */
export function hasTokenizerFile({ kind }: Pick<TokenizerRecord, 'kind'>): boolean {
  return kindsOfFiles.includes(kind)
}

/** A tokenizer as the text of a `tokenizer.json`. Throws DataError `tokenizer-no-file` for other kinds. */
export function tokenizerFile(record: TokenizerRecord): string {
  if (hasTokenizerFile(record)) return `${JSON.stringify(record.state, null, 1)}\n`
  throw new DataError(`tokenizer.json: must be of a tokenizer of parts of words, got ${record.kind}`, {
    code: 'tokenizer-no-file',
    remedy: `Kinds with a file: ${kindsOfFiles.join(', ')}.`,
  })
}
