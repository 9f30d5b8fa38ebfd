import type { DataFacts } from '../src/core/dataFacts.ts'
import type { NamedTensors } from '../src/core/hostTensor.ts'
import type { RunConfig } from '../src/core/runConfig.ts'
import { hubStart } from '../src/engine/training/hubStart.ts'
import { freshStart, type RunStart } from './checkpointOfRun.ts'

/** Somebody's weights, or those of a checkpoint. */
export interface WeightsFile {
  readonly name: string
  readonly tensors: NamedTensors
  readonly sha256: string
}

/**
 * A run that begins with a file's weights, of which its checkpoints and its record keep the hash.
 *
 * @throws what `hubStart` throws
 */
export function weightsStart(
  { sha256, ...file }: WeightsFile,
  { config, facts }: { config: RunConfig; facts: DataFacts },
): { start: RunStart; notices: readonly string[] } {
  const { tensors, notices } = hubStart({ ...file, config, facts })
  return { start: { ...freshStart(), tensors, what: 'given', parentSha256: sha256 }, notices }
}
