import { DataError } from './errors.ts'
import type { DataConfig } from './runConfig.ts'

/** A `tokenizer.json` as a configuration names it. */
export interface NamedTokenizer {
  readonly name: string
  readonly sha256: string
  readonly sizeBytes: number
}

/** The file that texts are cut up by; null where a run learns its tokenizer. */
export function namedTokenizer({ tokenizer }: Pick<DataConfig, 'tokenizer'>): NamedTokenizer | null {
  if (tokenizer.kind !== 'file') return null
  const { name, sha256, sizeBytes } = tokenizer
  return { name: String(name), sha256: String(sha256), sizeBytes: Number(sizeBytes) }
}

/** @param remedy how to give it, where it is missed */
export function missingTokenizer(
  { name, sha256, sizeBytes }: NamedTokenizer,
  { where, remedy }: { where: string; remedy: string },
): DataError {
  const which =
    sha256 === ''
      ? 'no tokenizer.json has been chosen'
      : `${where} ${name || 'the tokenizer.json of these settings'} (${sizeBytes} bytes, SHA-256 ${sha256})`
  return new DataError(`Tokenizer: ${which}`, {
    code: 'tokenizer-missing',
    remedy,
    details: { name, sha256, sizeBytes },
  })
}
