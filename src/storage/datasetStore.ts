import { askedKey } from './askedStore.ts'
import { handlesKey } from './handleStore.ts'
import { StorageError } from '../core/errors.ts'
import { log } from '../core/log.ts'
import { chunkBytes, claimStaged, createContentWriter, readContent, readWholeContent } from './content.ts'
import type { WrittenContent } from './content.ts'
import type { BunsenDatabase, DatasetRecord } from './databaseSchema.ts'
import { chunkRange } from './keyRanges.ts'
import { brokenField } from './manifest.ts'
import { ensureSpace, type StorageSource } from './quota.ts'
import { notStored } from './storageErrors.ts'
import { attempt, transact } from './transact.ts'
import type { DatasetManifest } from './types.ts'

export interface SaveDatasetOptions {
  /** For asking for space before the first byte is written. */
  expectedBytes: number
  /** Makes the manifest once content hash and size are known. */
  describe: (content: { sha256: string; sizeBytes: number }) => DatasetManifest
  /** Where to ask for space; the browser's by default. */
  storage?: StorageSource | null
}

export interface SavedDataset {
  manifest: DatasetManifest
  /** False where this content was stored already: its first manifest stays. */
  isNew: boolean
}

/**
 * Stores a data set: its pieces first, then in one transaction the manifest that points to them. An error, be it of
 * `pieces` (a cancelled import, say), of `describe` or of the disk, leaves nothing behind.
 *
 * @throws StorageError `quota-exceeded`, `storage-…`; whatever `pieces` throws
 */
export async function saveDataset(
  db: BunsenDatabase,
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { expectedBytes, describe, storage }: SaveDatasetOptions,
): Promise<SavedDataset> {
  const kept = 'What was stored before is kept.'
  try {
    await ensureSpace(expectedBytes, kept, storage)
    return await storePieces(db, pieces, describe)
  } catch (error) {
    throw notStored(error, 'The data set', { kept })
  }
}

async function storePieces(
  db: BunsenDatabase,
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  describe: SaveDatasetOptions['describe'],
): Promise<SavedDataset> {
  const writer = await createContentWriter(db)
  try {
    for await (const piece of pieces) await writer.write(piece)
    const content = await writer.finish()
    const manifest = describe({ sha256: content.sha256, sizeBytes: content.sizeBytes })
    const existing = await commit(db, manifest, content)
    if (existing === null) return { manifest, isNew: true }
    await writer.abort()
    return { manifest: existing, isNew: false }
  } catch (error) {
    await writer.abort()
    throw error
  }
}

/** The manifest of a data set, or null where this browser holds none that can be read: dropped again, it is made anew. */
export async function getDataset(db: BunsenDatabase, sha256: string): Promise<DatasetManifest | null> {
  const record = await attempt('reading the data set', () => db.get('datasets', sha256))
  return record && brokenField(record.manifest, sha256) === null ? record.manifest : null
}

/** The same where there must be one. Throws StorageError `dataset-missing`. */
export async function requireDataset(db: BunsenDatabase, sha256: string): Promise<DatasetManifest> {
  const manifest = await getDataset(db, sha256)
  if (manifest) return manifest
  throw missingDataset(sha256)
}

/** All data sets, newest first. */
export async function listDatasets(db: BunsenDatabase): Promise<DatasetManifest[]> {
  const records = await attempt('listing the data sets', () => db.getAll('datasets'))
  const sound = records.filter((record) => {
    const field = brokenField(record.manifest, record.sha256)
    if (field !== null) log('warn', 'storage', `data set ${record.sha256} has a broken field "${field}"`)
    return field === null
  })
  return sound.map(({ manifest }) => manifest).sort((a, b) => b.createdAt - a.createdAt)
}

/**
 * The content in pieces, at most one in memory.
 *
 * @throws StorageError `dataset-missing`, `content-corrupt`
 */
export async function* readDataset(
  db: BunsenDatabase,
  sha256: string,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const { contentId, chunkCount } = await findRecord(db, sha256)
  yield* readContent(db, contentId, chunkCount)
}

/** The whole content, its hash checked. Throws as {@link readDataset}. */
export async function readDatasetBytes(db: BunsenDatabase, sha256: string): Promise<Uint8Array<ArrayBuffer>> {
  const { contentId, chunkCount, manifest } = await findRecord(db, sha256)
  const content = { contentId, chunkCount, sha256, sizeBytes: manifest.sizeBytes }
  return attempt('reading the data set', () => readWholeContent(db, content))
}

/** Bytes `begin` to `end` (exclusive, cut to the size) without reading the rest. Throws as {@link readDataset}. */
export async function readDatasetRange(
  db: BunsenDatabase,
  sha256: string,
  range: { begin: number; end: number },
): Promise<Uint8Array<ArrayBuffer>> {
  const { contentId, chunkCount, manifest } = await findRecord(db, sha256)
  const begin = Math.min(Math.max(0, range.begin), manifest.sizeBytes)
  const out = new Uint8Array(Math.max(0, Math.min(range.end, manifest.sizeBytes) - begin))
  const end = begin + out.length
  const first = Math.floor(begin / chunkBytes)
  const last = Math.min(chunkCount, Math.ceil(end / chunkBytes))
  let at = first * chunkBytes
  for await (const chunk of readContent(db, contentId, last, first)) {
    const part = chunk.subarray(Math.max(0, begin - at), end - at)
    out.set(part, Math.max(0, at - begin))
    at += chunk.length
  }
  return out
}

/** @throws StorageError `dataset-missing` */
export async function renameDataset(db: BunsenDatabase, sha256: string, name: string): Promise<void> {
  await transact(db, ['datasets'], 'renaming the data set', async (tx) => {
    const record = await tx.objectStore('datasets').get(sha256)
    if (record === undefined) throw missingDataset(sha256)
    await tx.objectStore('datasets').put({ ...record, manifest: { ...record.manifest, name } })
  })
}

/** Removes a data set, what its checks are told and where it lies on the disk. One that is not there is no error. */
export async function deleteDataset(db: BunsenDatabase, sha256: string): Promise<void> {
  await transact(
    db,
    ['datasets', 'blobs', 'settings'],
    { doing: 'deleting the data set', isFreeing: true },
    async (tx) => {
      const record = await tx.objectStore('datasets').get(sha256)
      if (record === undefined) return
      await tx.objectStore('blobs').delete(chunkRange(record.contentId))
      await tx.objectStore('datasets').delete(sha256)
      await tx.objectStore('settings').delete(askedKey(sha256))
      await tx.objectStore('settings').delete(handlesKey(sha256))
    },
  )
}

/**
 * Points to the content, unless the same content is there already: then gives that one's manifest. One that cannot be
 * read gives way, with its content.
 */
function commit(
  db: BunsenDatabase,
  manifest: DatasetManifest,
  { sha256, contentId, chunkCount }: WrittenContent,
): Promise<DatasetManifest | null> {
  return transact(
    db,
    ['datasets', 'staging', 'blobs'],
    `storing the data set "${manifest.name}"`,
    async (tx) => {
      const existing = await tx.objectStore('datasets').get(sha256)
      if (existing && brokenField(existing.manifest, sha256) === null) return existing.manifest
      await claimStaged(tx.objectStore('staging'), contentId)
      if (existing) await tx.objectStore('blobs').delete(chunkRange(existing.contentId))
      await tx.objectStore('datasets').put({ sha256, manifest, contentId, chunkCount })
      return null
    },
  )
}

async function findRecord(db: BunsenDatabase, sha256: string): Promise<DatasetRecord> {
  const record = await attempt('reading the data set', () => db.get('datasets', sha256))
  if (record) return record
  throw missingDataset(sha256)
}

function missingDataset(sha256: string): StorageError {
  return new StorageError(`storage: this browser does not hold the data set ${sha256}`, {
    code: 'dataset-missing',
    remedy: 'Drop its files on the page again.',
    details: { sha256 },
  })
}
