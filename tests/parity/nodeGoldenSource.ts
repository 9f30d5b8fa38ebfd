import { readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { DataError } from '../../src/core/errors.ts'
import { readWholeFile } from '../../src/headless/readWholeFile.ts'
import type { GoldenSource } from './verify.ts'

/** A golden file on disk. What is beside it is found by bare names only, so that a file cannot point elsewhere. */
export function nodeGoldenSource(path: string): GoldenSource {
  const folder = dirname(path)
  return {
    name: basename(path),
    read: async () => readOrRefuse(path),
    readBeside: async (name) => readOrRefuse(join(folder, bareName(name))),
    listBeside: () => readdir(folder),
  }
}

function bareName(name: string): string {
  if (basename(name) === name && name !== '' && name !== '..' && name !== '.') return name
  throw new DataError(`golden file: must name files in its own folder, got ${JSON.stringify(name)}`, {
    code: 'not-beside',
  })
}

function readOrRefuse(path: string): Uint8Array {
  try {
    return readWholeFile(path)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new DataError(`${path}: must be a file that can be read, got ${reason}`, {
      code: 'unreadable-file',
      remedy: 'Check the path; the other files are verified all the same.',
      cause,
    })
  }
}
