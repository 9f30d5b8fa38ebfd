import { createRunSchema, parseRunConfig } from '../src/core/runConfig.ts'
import type { EngineDevice } from '../src/engine/backend/createDevice.ts'
import { createTrainSession } from '../src/engine/training/trainSession.ts'
import type { BunsenDatabase } from '../src/storage/database.ts'
import { digestHex } from '../src/storage/digest.ts'
import { withPinnedStep } from '../src/storage/stepPins.ts'
import { createCatalog } from './catalog.ts'
import { encodeRunCheckpoint, restore } from './checkpointOfRun.ts'
import type { ReadWeights } from './heldWeights.ts'
import { preparedOf } from './preparedOf.ts'
import type { ImportedRun, WeightsImport } from './protocol.ts'
import { runData } from './runData.ts'
import { storeImported } from './storeImported.ts'
import { weightsStart } from './weightsStart.ts'

/**
 * Stores a run that stands before its first update with the weights of somebody's file, as `train --from` begins: what the
 * file has not is as a fresh run of the configuration has it. Nothing is stored unless all of it is sound.
 *
 * @throws DataError `weights-…`, `data-unfit`, `split-too-short`; StorageError
 */
export async function importWeights(
  db: BunsenDatabase,
  device: EngineDevice,
  { weights: given, notices: assumed, ...request }: Omit<WeightsImport, 'held'> & { weights: ReadWeights },
): Promise<ImportedRun> {
  const { name: fileName, tensors } = given
  const config = parseRunConfig(createRunSchema(createCatalog()), request.config)
  const prepared = await withPinnedStep(request.preparedKey, () => preparedOf(db, request))
  const { facts } = runData(prepared, config)
  const weights = { name: fileName, tensors, sha256: await digestHex(given.bytes) }
  const { start, notices } = weightsStart(weights, { config, facts })
  const session = createTrainSession({ device, config, facts })
  try {
    restore(session, start)
    const { progress, parentSha256: parent, branch } = start
    const bytes = encodeRunCheckpoint({
      config,
      progress,
      tensors: await session.exportState(),
      coding: prepared.coding,
      parent,
      branch,
    })
    const all = [...assumed, ...notices]
    const { name } = config
    const runId = await storeImported(db, { fileName, name, config, progress, bytes, branch, notices: all })
    return { runId, name, notices: all }
  } finally {
    session.dispose()
  }
}
