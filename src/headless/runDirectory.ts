import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { StorageError } from '../core/errors.ts'
import { readWholeFile } from './readWholeFile.ts'

/** A run as files: `latest.safetensors`, `best.safetensors`, `run.json`. */
export interface RunDirectory {
  readonly path: string
  /** Whole or not at all: a file of another name is written, flushed, then takes the place of the old one. */
  write(name: string, content: Uint8Array | string): void
}

/**
 * Throws StorageError `folder-holds-run` where the folder holds checkpoints of another run than the one that is gone on
 * with: training would write over them.
 *
 * @param from the run's checkpoint or its folder; null for a new run
 */
export function refuseOtherRun(path: string, from: string | null): void {
  if (!existsSync(join(path, 'latest.safetensors'))) return
  const own = from !== null && existsSync(from) ? [realpathSync(from), dirname(realpathSync(from))] : []
  if (own.includes(realpathSync(path))) return
  throw new StorageError(`${path}: must hold no other run, got one with checkpoints; they are kept`, {
    code: 'folder-holds-run',
    remedy: `Name another folder, delete this one, or go on with its run: --resume ${path}`,
  })
}

/** Makes the folder when needed. Throws StorageError `folder-unwritable`; `write` throws `file-unwritable`. */
export function openRunDirectory(path: string): RunDirectory {
  guard(path, 'folder-unwritable', () => {
    makeFolder(resolve(path))
    const probe = join(path, '.writable.partial')
    writeFileSync(probe, '')
    rmSync(probe)
  })
  return {
    path,
    write(name, content) {
      const target = join(path, name)
      guard(target, 'file-unwritable', () => replaceFile(target, content))
    },
  }
}

/** Not `recursive: true`: in a file system that refuses folders, such as /proc, Node then tries for ever. */
function makeFolder(path: string): void {
  if (existsSync(path)) return
  makeFolder(dirname(path))
  mkdirSync(path)
}

function guard(path: string, code: string, work: () => void): void {
  try {
    work()
  } catch (cause) {
    throw new StorageError(
      `${path}: could not be written (${cause instanceof Error ? cause.message : String(cause)})`,
      {
        code,
        remedy: 'Check that it may be written and that the disk has room. What was saved before is kept.',
        cause,
      },
    )
  }
}

function replaceFile(target: string, content: Uint8Array | string): void {
  const partial = `${target}.partial`
  try {
    const file = openSync(partial, 'w')
    try {
      const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
      for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(partial, target)
  } catch (error) {
    rmSync(partial, { force: true })
    throw error
  }
}

/**
 * Brings the checkpoints of the run that is gone on with into its new folder, so that this one is whole from the start.
 * Does nothing where the run goes on in its own folder. Throws StorageError `file-unwritable`.
 */
export function copyCheckpoints(from: string, to: RunDirectory): void {
  if (realpathSync(from) === realpathSync(to.path)) return
  to.write('latest.safetensors', readCheckpointFile(from))
  const best = readBestCheckpoint(from)
  if (best !== null) to.write('best.safetensors', best)
}

/** Bytes of a folder's best checkpoint; null where it has none. */
export function readBestCheckpoint(path: string): Uint8Array | null {
  const file = join(path, 'best.safetensors')
  return existsSync(file) ? readCheckpointFile(file) : null
}

/** Bytes of a checkpoint: a file, or a folder that a run was written to. */
export function readCheckpointFile(path: string): Uint8Array {
  const file = existsSync(join(path, 'latest.safetensors')) ? join(path, 'latest.safetensors') : path
  try {
    return readWholeFile(file)
  } catch (cause) {
    throw new StorageError(
      `${path}: no checkpoint could be read (${cause instanceof Error ? cause.message : String(cause)})`,
      {
        code: 'checkpoint-missing',
        remedy: 'Name a .safetensors file, or a folder that --out wrote.',
        cause,
      },
    )
  }
}
