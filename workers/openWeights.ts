import { namingFile } from '../src/core/errors.ts'
import { shownName } from '../src/core/shownName.ts'
import { decodeCheckpoint } from '../src/storage/checkpoint.ts'
import type { BunsenDatabase } from '../src/storage/database.ts'
import type { HeldWeights } from './heldWeights.ts'
import { importCheckpoint } from './importCheckpoint.ts'
import type { OpenedWeights, WeightsRequest } from './protocol.ts'
import { readFileBytes } from './readFileBytes.ts'
import { weightsConfig } from './weightsConfig.ts'

/**
 * Reads a `.safetensors` file. One that Bunsen saved becomes a run at once; for others' a run is laid out, and the weights are
 * held for `importWeights`. null where no table of names knows it.
 *
 * @throws what `readFileBytes`, `decodeCheckpoint`, `importCheckpoint` and `weightsConfig` throw
 */
export async function openWeights(
  db: BunsenDatabase,
  weights: HeldWeights,
  { file, ...request }: WeightsRequest,
): Promise<OpenedWeights | null> {
  const name = shownName(file.name)
  const bytes = await readFileBytes(file)
  const decoded = namingFile(name, () => decodeCheckpoint(bytes, { useViews: true }))
  if (decoded.kind === 'bunsen') return { kind: 'run', run: await importCheckpoint(db, name, bytes) }
  const { tensors } = decoded
  const plan = await weightsConfig({ name, tensors }, request)
  return plan && { kind: 'plan', plan, held: weights.hold({ name, bytes, tensors }) }
}
