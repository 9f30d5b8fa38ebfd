import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { freshStart, type RunStart } from '../../workers/checkpointOfRun.ts'
import type { DataFacts } from '../core/dataFacts.ts'
import type { NamedTensors } from '../core/hostTensor.ts'
import type { RunConfig } from '../core/runConfig.ts'
import { sha256Hex } from '../core/sha256.ts'
import { hubStart } from '../engine/training/hubStart.ts'
import { decodeCheckpoint } from '../storage/checkpoint.ts'
import { readCheckpointFile } from './runDirectory.ts'

/** Somebody's weights, or those of a checkpoint. */
export interface StartFile {
  readonly name: string
  readonly tensors: NamedTensors
  readonly sha256: string
}

/**
 * Reads `--from FILE`: a safetensors file, a folder that `export` or `save_pretrained` wrote, or one of a run.
 *
 * @throws StorageError `checkpoint-missing`; DataError `safetensors-…`, `checkpoint-…`
 */
export function readStartFile(path: string): StartFile {
  const inFolder = join(path, 'model.safetensors')
  const file = existsSync(inFolder) ? inFolder : path
  const bytes = readCheckpointFile(file)
  const decoded = decodeCheckpoint(bytes)
  const { tensors } = decoded.kind === 'foreign' ? decoded : decoded.checkpoint
  return { name: basename(file), tensors, sha256: sha256Hex(bytes) }
}

/**
 * A run that begins with a file's weights, of which its checkpoints and its record keep the hash.
 *
 * @throws what `hubStart` throws
 */
export function startFrom(
  { sha256, ...file }: StartFile,
  { config, facts }: { config: RunConfig; facts: DataFacts },
): { start: RunStart; notices: readonly string[] } {
  const { tensors, notices } = hubStart({ ...file, config, facts })
  return { start: { ...freshStart(), tensors, what: 'given', parentSha256: sha256 }, notices }
}
