import type { FoundReading } from '../core/reading.ts'
import type { BranchOrigin } from '../core/branch.ts'
import type { PlainError } from '../core/errors.ts'
import type { RunConfig } from '../core/runConfig.ts'
import type { DataKind } from '../core/catalog.ts'

/** What is known of the machine that a run was computed on. */
export interface DeviceRecord {
  name: string
  backend: string
  isSoftware: boolean
  userAgent: string
  /** Kernels by matrix product where they were measured, which decides the last bits; left out where a table decided. */
  measuredKernels?: Readonly<Record<string, string>>
  /** Kernels whose slower twins computed, since they were found wrong on it; left out by older versions. */
  replacedKernels?: readonly string[]
  /** How many kernels its self-test had yet to look at when the run began there; left out by older versions. */
  untestedKernels?: number
}

export type StoredStatus = 'preparing' | 'running' | 'paused' | 'done' | 'stopped' | 'failed' | 'interrupted'

/** One row of the table of runs. */
export interface RunRecord {
  /** Sortable: base-36 time and random part. */
  id: string
  version: 1
  name: string
  /** Milliseconds since the epoch. */
  createdAt: number
  updatedAt: number
  status: StoredStatus
  config: RunConfig
  /** Preset that it began from, if any. */
  preset: string | null
  /** Run or imported checkpoint that it continues. */
  parent: string | null
  /** Of the link that it is a run of, as it stands there. */
  certificate?: string
  /** Where it left that run, of a branch. */
  branch?: BranchOrigin
  step: number
  totalSteps: number
  elapsedMs: number
  /** Last value of each metric, and the best of the monitored one. */
  latest: Record<string, number>
  best: { metric: string; value: number; step: number } | null
  device: DeviceRecord | null
  codeVersion: string
  error: PlainError | null
  /** Index into the eight series colours; kept for life. */
  color: number
  isVisible: boolean
  note: string
  tags: string[]
}

/** One stored line of a run's history: the events of the trainer that are worth keeping. */
export interface LogEntry {
  step: number
  /** JSON of the event. */
  event: unknown
}

export interface CheckpointInfo {
  runId: string
  slot: 'latest' | 'best'
  step: number
  sizeBytes: number
  sha256: string
  createdAt: number
}

/** A `tokenizer.json` of the user's, stored once under the hash of its content. */
export interface TokenizerManifest {
  sha256: string
  version: 1
  name: string
  /** `bpe` or `wordpiece`. */
  kind: string
  vocabSize: number
  sizeBytes: number
  createdAt: number
}

/** A data set of the user's, stored once under the hash of its content. */
export interface DatasetManifest {
  sha256: string
  version: 1
  name: string
  kind: DataKind
  sizeBytes: number
  createdAt: number
  files: { name: string; sizeBytes: number; importer: string }[]
  /** UTF-16 length, lines, distinct characters of the text. */
  counts: { characters: number; lines: number; distinctCharacters: number; records: number }
  notices: { level: 'info' | 'warning'; message: string }[]
  /** How the first file was read; left out by versions that did not tell, and where its bytes are no text. */
  found?: FoundReading
  /** The set that it is the next version of, and how many of its items were changed. */
  origin?: { sha256: string; name: string; dropped: number; relabelled: number }
}
