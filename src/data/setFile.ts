import type { DataKind } from '../core/catalog.ts'
import { DataError } from '../core/errors.ts'
import { createSha256 } from '../core/sha256.ts'

/** The formats in which each kind is read again as it is, the usual one first. */
export const endings: Readonly<Record<DataKind, readonly [string, ...string[]]>> = {
  table: ['.csv'],
  text: ['.txt', '.md'],
  images: ['.safetensors'],
}

/** Characters that one system or another has no names with. */
const unsafe = /[\p{Cc}<>:"/\\|?*]/gu
const longestName = 100

/**
 * A set as a file that is read again as the same set. Pieces are handed to the browser one by one, so that gigabytes are never
 * in memory at once.
 *
 * @throws DataError `content-corrupt` where the bytes are not those of the set's hash; whatever `bytes` throws
 */
export async function setFile(set: {
  readonly name: string
  readonly kind: DataKind
  readonly sha256: string
  bytes(): AsyncIterable<Uint8Array>
}): Promise<File> {
  const hash = createSha256()
  const parts: Blob[] = []
  for await (const piece of set.bytes()) {
    hash.update(piece)
    parts.push(new Blob([piece as Uint8Array<ArrayBuffer>]))
  }
  if (hash.hex() !== set.sha256)
    throw new DataError(`${set.name}: what is stored is not what was imported; no file was made`, {
      code: 'content-corrupt',
      remedy: 'Drop the files it came from again.',
      details: { sha256: set.sha256 },
    })
  const [ending] = endings[set.kind]
  const bare = set.name.replace(unsafe, '-').trim().slice(0, longestName) || 'data'
  const name = bare.toLowerCase().endsWith(ending) ? bare : `${bare}${ending}`
  return new File(parts, name, { type: 'application/octet-stream' })
}
