import type { DBSchema, IDBPDatabase } from 'idb'
import type { StepRecord } from '../core/steps.ts'
import type { CheckpointInfo, DatasetManifest, LogEntry, TokenizerManifest } from './types.ts'

/** One generation of a checkpoint. It is written after its content was verified: it is the pointer to it. */
export interface CheckpointRecord extends CheckpointInfo {
  generation: number
  contentId: string
  chunkCount: number
}

export interface DatasetRecord {
  sha256: string
  manifest: DatasetManifest
  contentId: string
  chunkCount: number
}

export interface StoredTokenizer {
  sha256: string
  manifest: TokenizerManifest
  contentId: string
  chunkCount: number
}

/** Content that nothing points to yet, and the last sign of life of its writer. */
export interface StagedContent {
  contentId: string
  touchedAt: number
}

/** One `appendEvents`. */
export interface LogChunk {
  runId: string
  sequence: number
  entries: LogEntry[]
}

/** What is known of a step's entry; its content lies in `blobs`. */
export interface StoredStep extends StepRecord {
  /** null where it is not kept (any more). */
  content: { contentId: string; chunkCount: number } | null
}

export interface BunsenSchema extends DBSchema {
  /** `RunRecord`s, unknown because an older or newer app may have written them. Key: `id`. */
  runs: { key: string; value: unknown }
  log: { key: [runId: string, sequence: number]; value: LogChunk }
  checkpoints: { key: [runId: string, slot: string, generation: number]; value: CheckpointRecord }
  datasets: { key: string; value: DatasetRecord }
  tokenizers: { key: string; value: StoredTokenizer }
  /** Pieces of large content; see `content.ts`. */
  blobs: { key: [contentId: string, index: number]; value: Uint8Array<ArrayBuffer> }
  /** Content that is being written and that nothing points to yet. */
  staging: { key: string; value: StagedContent }
  /** What steps made, by the hash of all that decides it; `byStep` finds all of one step. */
  steps: { key: string; value: StoredStep; indexes: { byStep: string } }
  settings: { key: string; value: unknown }
}

export type BunsenDatabase = IDBPDatabase<BunsenSchema>
