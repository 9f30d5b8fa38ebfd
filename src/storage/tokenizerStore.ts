import { log } from '../core/log.ts'
import { claimStaged, createContentWriter, readWholeContent } from './content.ts'
import type { BunsenDatabase } from './databaseSchema.ts'
import { chunkRange } from './keyRanges.ts'
import { isNumber, isRecord, isText } from '../core/predicates.ts'
import { ensureSpace, type StorageSource } from './quota.ts'
import { attempt, transact } from './transact.ts'
import type { TokenizerManifest } from './types.ts'

/**
 * Stores a `tokenizer.json` as it is; one that is there already keeps its first name. An error leaves nothing behind.
 *
 * @param manifest whose hash and size are found here
 * @throws StorageError `quota-exceeded`, `storage-…`
 */
export async function saveTokenizer(
  db: BunsenDatabase,
  bytes: Uint8Array,
  manifest: Omit<TokenizerManifest, 'sha256' | 'sizeBytes' | 'version'>,
  storage?: StorageSource | null,
): Promise<TokenizerManifest> {
  await ensureSpace(bytes.length, 'The tokenizer was not stored; what was stored before is kept.', storage)
  const writer = await createContentWriter(db)
  try {
    await writer.write(bytes)
    const { contentId, chunkCount, sha256, sizeBytes } = await writer.finish()
    const whole: TokenizerManifest = { ...manifest, version: 1, sha256, sizeBytes }
    const existing = await transact(
      db,
      ['tokenizers', 'staging'],
      `storing the tokenizer "${manifest.name}"`,
      async (tx) => {
        const before = await tx.objectStore('tokenizers').get(sha256)
        if (before && isSound(before.manifest)) return before.manifest
        await claimStaged(tx.objectStore('staging'), contentId)
        await tx.objectStore('tokenizers').put({ sha256, manifest: whole, contentId, chunkCount })
        return null
      },
    )
    if (existing === null) return whole
    await writer.abort()
    return existing
  } catch (error) {
    await writer.abort()
    throw error
  }
}

/** All tokenizers, newest first. */
export async function listTokenizers(db: BunsenDatabase): Promise<TokenizerManifest[]> {
  const records = await attempt('listing the tokenizers', () => db.getAll('tokenizers'))
  const sound = records.filter(({ sha256, manifest }) => {
    if (isSound(manifest)) return true
    log('warn', 'storage', `tokenizer ${sha256} has a broken record`)
    return false
  })
  return sound.map(({ manifest }) => manifest).sort((a, b) => b.createdAt - a.createdAt)
}

/**
 * The file, its hash checked; null where this browser does not hold it.
 *
 * @throws StorageError `content-corrupt`
 */
export async function readTokenizer(
  db: BunsenDatabase,
  sha256: string,
): Promise<Uint8Array<ArrayBuffer> | null> {
  return attempt('reading the tokenizer', async () => {
    const record = await db.get('tokenizers', sha256)
    if (record === undefined || !isSound(record.manifest)) return null
    const { contentId, chunkCount, manifest } = record
    return readWholeContent(db, { contentId, chunkCount, sha256, sizeBytes: manifest.sizeBytes })
  })
}

/** Removes a tokenizer; runs keep theirs in their checkpoints. One that is not there is no error. */
export async function deleteTokenizer(db: BunsenDatabase, sha256: string): Promise<void> {
  const what = { doing: 'deleting the tokenizer', isFreeing: true }
  await transact(db, ['tokenizers', 'blobs'], what, async (tx) => {
    const record = await tx.objectStore('tokenizers').get(sha256)
    if (record === undefined) return
    await tx.objectStore('blobs').delete(chunkRange(record.contentId))
    await tx.objectStore('tokenizers').delete(sha256)
  })
}

function isSound(manifest: unknown): manifest is TokenizerManifest {
  return (
    isRecord(manifest) &&
    manifest['version'] === 1 &&
    ['sha256', 'name', 'kind'].every((field) => isText(manifest[field])) &&
    ['sizeBytes', 'vocabSize', 'createdAt'].every((field) => isNumber(manifest[field]))
  )
}
