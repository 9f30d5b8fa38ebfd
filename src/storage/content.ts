import { StorageError } from '../core/errors.ts'
import { log } from '../core/log.ts'
import { createSha256 } from '../core/sha256.ts'
import type { BunsenDatabase } from './databaseSchema.ts'
import { digestHex } from './digest.ts'
import { chunkRange } from './keyRanges.ts'
import { attempt, transact } from './transact.ts'

/**
 * Large content lies in `blobs` as pieces of this size, each its own transaction: one value of gigabytes ends the tab
 * (tfjs#7702). While it is written, `staging` holds its id; the transaction that makes something point to it takes
 * the id away. What stays in `staging` was broken off and is swept.
 */
export const chunkBytes = 4 * 1024 * 1024

/** A writer that said nothing for so long is dead: every chunk renews its sign of life. */
export const stagedLifeMs = 10 * 60 * 1000

export interface WrittenContent {
  contentId: string
  sizeBytes: number
  sha256: string
  chunkCount: number
}

/** The store `staging` of a writing transaction, as far as it is used here. */
interface StagingStore {
  getKey(contentId: string): Promise<string | undefined>
  delete(contentId: string): Promise<void>
}

/**
 * Takes bytes in pieces of any size and stores them, each piece read back and compared; nothing points to them until
 * {@link claimStaged}. One call at a time.
 */
export interface ContentWriter {
  write(bytes: Uint8Array): Promise<void>
  /** Stores the rest. The content is complete, still staged. */
  finish(): Promise<WrittenContent>
  /** Removes what was written. Never throws: what cannot be removed now is swept later. */
  abort(): Promise<void>
}

/**
 * What was broken off on a disk so full that not even its removal could be written: it is tried again before the next content.
 * Should that never come, it is swept.
 */
const abandoned = new Set<string>()

/** @param knownSha256 hash of the whole, where the caller has it: saves hashing it in JavaScript */
export async function createContentWriter(db: BunsenDatabase, knownSha256?: string): Promise<ContentWriter> {
  const contentId = randomId()
  const hash = knownSha256 === undefined ? createSha256() : null
  let pending = new Uint8Array(chunkBytes)
  let pendingBytes = 0
  let chunkCount = 0
  let sizeBytes = 0
  for (const id of abandoned)
    await removeContent(db, id).then(
      () => abandoned.delete(id),
      () => {},
    )
  await transact(db, ['staging'], 'beginning to store', (tx) =>
    tx.objectStore('staging').put({ contentId, touchedAt: Date.now() }),
  )

  async function flush(): Promise<void> {
    const chunk = pendingBytes === chunkBytes ? pending : pending.slice(0, pendingBytes)
    const digest = await digestHex(chunk)
    await putChunk(db, contentId, chunkCount, chunk)
    await checkChunk(db, contentId, chunkCount, digest)
    chunkCount++
    pendingBytes = 0
  }

  return {
    async write(bytes) {
      hash?.update(bytes)
      sizeBytes += bytes.length
      for (let at = 0; at < bytes.length;) {
        const part = bytes.subarray(at, at + chunkBytes - pendingBytes)
        pending.set(part, pendingBytes)
        pendingBytes += part.length
        at += part.length
        if (pendingBytes === chunkBytes) await flush()
      }
    },
    async finish() {
      if (pendingBytes > 0) await flush()
      pending = new Uint8Array(0)
      return { contentId, sizeBytes, sha256: knownSha256 ?? hash!.hex(), chunkCount }
    },
    async abort() {
      await removeContent(db, contentId).catch((error: unknown) => {
        abandoned.add(contentId)
        log(
          'warn',
          'storage',
          `content ${contentId} stays until there is room to note that it is gone`,
          error,
        )
      })
    },
  }
}

/** Pieces `first` to `end` (exclusive), one at a time; throws `content-corrupt` where one is missing. */
export async function* readContent(
  db: BunsenDatabase,
  contentId: string,
  end: number,
  first = 0,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (let index = first; index < end; index++) {
    const chunk: unknown = await attempt('reading content', () => db.get('blobs', [contentId, index]))
    if (!(chunk instanceof Uint8Array)) throw corrupt(`piece ${index + 1} of ${end} is missing`)
    yield chunk as Uint8Array<ArrayBuffer>
  }
}

/**
 * The whole content, its size and hash compared with what was written.
 *
 * @throws StorageError `content-corrupt`
 */
export async function readWholeContent(
  db: BunsenDatabase,
  content: WrittenContent,
): Promise<Uint8Array<ArrayBuffer>> {
  const { contentId, chunkCount, sizeBytes, sha256 } = content
  const bytes = new Uint8Array(sizeBytes)
  let at = 0
  for await (const chunk of readContent(db, contentId, chunkCount)) {
    if (at + chunk.length > sizeBytes) throw corrupt(`more than its ${sizeBytes} bytes are there`)
    bytes.set(chunk, at)
    at += chunk.length
  }
  if (at !== sizeBytes) throw corrupt(`${sizeBytes} bytes were written, ${at} are there`)
  if ((await digestHex(bytes)) !== sha256)
    throw corrupt('its SHA-256 differs from the one it was written with')
  return bytes
}

/** Removes content that was broken off in the middle of writing. */
export async function sweepStaged(db: BunsenDatabase, nowMs: number): Promise<number> {
  const dead = (await db.getAll('staging')).filter(({ touchedAt }) => nowMs - touchedAt > stagedLifeMs)
  for (const { contentId } of dead) await removeContent(db, contentId)
  return dead.length
}

/**
 * Ends the staging of content, in the transaction that makes something point to it.
 *
 * @throws StorageError `storage-swept` when it was taken for dead and removed in the meantime
 */
export async function claimStaged(staging: StagingStore, contentId: string): Promise<void> {
  await checkStaged(staging, contentId)
  await staging.delete(contentId)
}

async function checkStaged(staging: StagingStore, contentId: string): Promise<void> {
  if ((await staging.getKey(contentId)) !== undefined) return
  throw new StorageError(
    `storage: writing stood still for over ${stagedLifeMs / 60000} minutes and was given up`,
    {
      code: 'storage-swept',
      remedy: 'Do it again; nothing that was stored before is lost.',
    },
  )
}

function removeContent(db: BunsenDatabase, contentId: string): Promise<void> {
  const what = { doing: 'removing unfinished content', isFreeing: true }
  return transact(db, ['blobs', 'staging'], what, async (tx) => {
    await tx.objectStore('blobs').delete(chunkRange(contentId))
    await tx.objectStore('staging').delete(contentId)
  })
}

function putChunk(
  db: BunsenDatabase,
  contentId: string,
  index: number,
  chunk: Uint8Array<ArrayBuffer>,
): Promise<void> {
  const what = { doing: `storing piece ${index + 1}`, bytes: chunk.length }
  return transact(db, ['blobs', 'staging'], what, async (tx) => {
    await checkStaged(tx.objectStore('staging'), contentId)
    await tx.objectStore('blobs').put(chunk, [contentId, index])
    await tx.objectStore('staging').put({ contentId, touchedAt: Date.now() })
  })
}

async function checkChunk(
  db: BunsenDatabase,
  contentId: string,
  index: number,
  digest: string,
): Promise<void> {
  const chunk: unknown = await db.get('blobs', [contentId, index])
  if (chunk instanceof Uint8Array && (await digestHex(chunk)) === digest) return
  throw new StorageError(`storage: piece ${index + 1} reads back other than it was written`, {
    code: 'storage-write-corrupt',
    remedy: 'The disk may be failing: download your checkpoints, then try again.',
    details: { index },
  })
}

function corrupt(rule: string): StorageError {
  return new StorageError(`storage: stored content is damaged: ${rule}`, {
    code: 'content-corrupt',
    remedy: 'It cannot be repaired; take another copy of it.',
  })
}

/** 128 random bits. `crypto.randomUUID` is missing in insecure contexts. */
function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
