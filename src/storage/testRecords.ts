import { openDatabase, type BunsenDatabase } from './database.ts'
import type { StoredRun } from './runStore.ts'
import type { DatasetManifest } from './types.ts'

/** Records for the tests of the stores. */
export function exampleRun(id: string, changes: Partial<StoredRun> = {}): StoredRun {
  return {
    id,
    version: 1,
    name: `run ${id}`,
    createdAt: 1000,
    updatedAt: 1000,
    status: 'running',
    config: { version: 1, seed: 42 },
    preset: null,
    parent: null,
    step: 0,
    totalSteps: 100,
    elapsedMs: 0,
    latest: {},
    best: null,
    device: null,
    codeVersion: 'test',
    error: null,
    color: 0,
    isVisible: true,
    note: '',
    tags: [],
    ...changes,
  }
}

export function exampleManifest(
  content: { sha256: string; sizeBytes: number },
  name = 'example',
): DatasetManifest {
  return {
    ...content,
    version: 1,
    name,
    kind: 'text',
    createdAt: 1000,
    files: [{ name: `${name}.txt`, sizeBytes: content.sizeBytes, importer: 'text' }],
    counts: { characters: content.sizeBytes, lines: 1, distinctCharacters: 1, records: 1 },
    notices: [],
  }
}

/** Bytes without a short period, so that swapped or repeated pieces are seen. */
export function patternBytes(length: number, seed: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length)
  let state = seed >>> 0
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    bytes[i] = state >>> 24
  }
  return bytes
}

let opened = 0

/** An empty database of its own. */
export function openFresh(): Promise<BunsenDatabase> {
  return openDatabase({ name: `test-${Date.now()}-${opened++}` })
}

/** How many pieces of content there are, pointed to or not. */
export async function blobCount(db: BunsenDatabase): Promise<number> {
  return db.count('blobs')
}
