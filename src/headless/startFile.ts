import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { WeightsFile } from '../../workers/weightsStart.ts'
import { namingFile } from '../core/errors.ts'
import { sha256Hex } from '../core/sha256.ts'
import { decodeCheckpoint } from '../storage/checkpoint.ts'
import { readCheckpointFile } from './runDirectory.ts'

/**
 * Reads `--from FILE`: a safetensors file, a folder that `export` or `save_pretrained` wrote, or one of a run.
 *
 * @throws StorageError `checkpoint-missing`; DataError `safetensors-…`, `checkpoint-…`
 */
export function readStartFile(path: string): WeightsFile {
  const inFolder = join(path, 'model.safetensors')
  const file = existsSync(inFolder) ? inFolder : path
  const bytes = readCheckpointFile(file)
  const name = basename(file)
  const decoded = namingFile(name, () => decodeCheckpoint(bytes))
  const { tensors } = decoded.kind === 'foreign' ? decoded : decoded.checkpoint
  return { name, tensors, sha256: sha256Hex(bytes) }
}
