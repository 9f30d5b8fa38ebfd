import { DataError } from '../../../core/errors.ts'
import { maxTextSizeBytes, tooLarge } from '../../reading/sizeLimit.ts'

/** More files than this are a mistake, or an attack. */
export const mostEntries = 200_000

/** Throws `too-large` for an archive that holds more files, or more in them, than is ever taken in. */
export function checkContents(name: string, entries: readonly { readonly sizeBytes: number }[]): void {
  if (entries.length > mostEntries) throw tooMany(name, entries.length)
  const sizeBytes = entries.reduce((sum, entry) => sum + entry.sizeBytes, 0)
  if (sizeBytes > maxTextSizeBytes) throw tooLarge(sizeBytes, maxTextSizeBytes)
}

export function tooMany(name: string, count: number): DataError {
  return new DataError(
    `${name}: an archive must hold at most ${mostEntries} files, got ${count}; nothing was stored`,
    { code: 'too-large', remedy: 'Pack a part of it.', details: { file: name } },
  )
}
