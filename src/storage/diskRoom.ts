import { diskFull } from './storageErrors.ts'

/**
 * Why this exists: a disk filled to its last byte costs Chromium all that a site stored (seen in Chromium 156), in two ways.
 * IndexedDB lies in a LevelDB: a record that the disk cuts short stays at the end of its log, the next opening appends
 * behind it, and the one after that finds the log corrupt and begins a new, empty database. And the browser's list of
 * sites is an SQLite database that notes each use: where that cannot be written, it is made anew and all sites' data go.
 * Nothing tells a page how much of the disk is free. So each worker holds a file in the origin's private file system. It is
 * grown and cut back before each transaction: where it cannot grow, IndexedDB is left alone. And then the file itself is
 * given up, which leaves the browser room for its own notes, and for transactions that free space.
 */

/** What must be free beyond a transaction's own bytes: LevelDB's records, and tables that it writes when it likes. */
export const headroomBytes = 1024 * 1024

/** Held on the disk for as long as there is enough. */
export const reserveBytes = 4 * 1024 * 1024

/** What a transaction that frees space writes at most, records of what is gone. */
const freeingBytes = 256 * 1024

/** Asking fills a full disk for a moment, in which others cannot write: so it is not asked again for a while. */
const askAgainMs = 10_000

/** Written at once; what is larger is written in several of them. */
const stepBytes = 1024 * 1024

/** What of `FileSystemSyncAccessHandle` is used. */
export interface ReserveFile {
  getSize(): number
  write(bytes: Uint8Array<ArrayBuffer>, options: { at: number }): number
  truncate(size: number): void
}

/** How much a transaction writes, as far as it is more than a few records. */
export interface WriteSize {
  bytes?: number
  /** It frees more than it writes, so that it must be possible on a full disk. */
  isFreeing?: boolean
}

/** Asks a file whether the disk has room. One for each worker; workers and tabs share the file. */
export class DiskRoom {
  #file: ReserveFile
  #now: () => number
  /** Random, since file systems that compress would store a constant in next to nothing. */
  #filling: Uint8Array<ArrayBuffer> = randomBytes(stepBytes)
  /** The last write that there was no room for. */
  #refused: { bytes: number; at: number } | null = null

  constructor(file: ReserveFile, now: () => number = () => performance.now()) {
    this.#file = file
    this.#now = now
    this.#takeReserve()
  }

  /**
   * Does `work` if the disk has room for it.
   *
   * @throws StorageError `disk-failed` before `work` has begun
   */
  async during<Result>(doing: string, size: WriteSize, work: () => Promise<Result>): Promise<Result> {
    const { bytes = 0, isFreeing = false } = size
    if (!this.#isRefused(bytes) && this.#takeReserve() && this.#hasRoom(bytes + headroomBytes)) {
      this.#refused = null
      return work()
    }
    if (!this.#isRefused(bytes)) this.#refused = { bytes, at: this.#now() }
    this.#file.truncate(0)
    // Whoever filled the disk may have taken what was given up, too.
    if (!isFreeing || !this.#hasRoom(freeingBytes)) throw diskFull(doing)
    const result = await work()
    this.#refused = null
    return result
  }

  #isRefused(bytes: number): boolean {
    const last = this.#refused
    return last !== null && bytes >= last.bytes && this.#now() - last.at < askAgainMs
  }

  /** All of it or nothing: the last bytes of a disk are not ours to take. */
  #takeReserve(): boolean {
    const size = this.#file.getSize()
    if (size >= reserveBytes || this.#grow(size, reserveBytes - size)) return true
    this.#file.truncate(size)
    return false
  }

  #hasRoom(bytes: number): boolean {
    const size = this.#file.getSize()
    try {
      return this.#grow(size, bytes)
    } finally {
      this.#file.truncate(size)
    }
  }

  /** Whether all of it could be written. What could be stays. */
  #grow(from: number, bytes: number): boolean {
    try {
      for (let done = 0; done < bytes;) {
        const part = Math.min(stepBytes, bytes - done)
        const written = this.#file.write(this.#filling.subarray(0, part), { at: from + done })
        if (written < part) return false
        done += part
      }
      return true
    } catch {
      return false
    }
  }
}

/** Null where a browser has no such file, or not for several at a time: those keep IndexedDB in SQLite, which stands it. */
let opening: Promise<DiskRoom | null> | null = null

/** Does `work` in a worker only if the disk has room for it; elsewhere at once. Throws as {@link DiskRoom.during}. */
export async function withRoom<Result>(
  doing: string,
  size: WriteSize,
  work: () => Promise<Result>,
): Promise<Result> {
  if (!isPossible()) return work()
  opening ??= openReserve(doing)
  // A disk that was too full to begin with may have room the next time.
  opening.catch(() => (opening = null))
  const room = await opening
  return room === null ? work() : room.during(doing, size, work)
}

/** Only workers have handles that write at once. */
function isPossible(): boolean {
  return (
    typeof FileSystemFileHandle === 'function' && 'createSyncAccessHandle' in FileSystemFileHandle.prototype
  )
}

async function openReserve(doing: string): Promise<DiskRoom | null> {
  try {
    const directory = await navigator.storage.getDirectory()
    const file = (await directory.getFileHandle('disk-reserve', { create: true })) as SharedFileHandle
    return new DiskRoom(await file.createSyncAccessHandle({ mode: 'readwrite-unsafe' }))
  } catch (error) {
    if (error instanceof DOMException && error.name === 'QuotaExceededError') throw diskFull(doing)
    return null
  }
}

/** With the mode that several handles can have at a time, which TypeScript does not know yet. */
interface SharedFileHandle {
  createSyncAccessHandle(options: { mode: 'readwrite-unsafe' }): Promise<ReserveFile>
}

function randomBytes(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length)
  const mostAtOnce = 65_536
  for (let at = 0; at < length; at += mostAtOnce) crypto.getRandomValues(bytes.subarray(at, at + mostAtOnce))
  return bytes
}
