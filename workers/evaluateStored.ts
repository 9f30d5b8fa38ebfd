import type { StoredEvaluation } from '../src/core/evaluation.ts'
import type { Coding } from '../src/core/prepared.ts'
import { createRunSchema, parseRunConfig, type RunConfig } from '../src/core/runConfig.ts'
import { contentOf } from '../src/data/preparing/content.ts'
import { StepRunner } from '../src/data/steps/stepRunner.ts'
import type { EngineDevice } from '../src/engine/backend/createDevice.ts'
import { loadCheckpoint } from '../src/storage/checkpointStore.ts'
import type { BunsenDatabase } from '../src/storage/database.ts'
import { readDataset, requireDataset } from '../src/storage/datasetStore.ts'
import { createStepStore } from '../src/storage/stepStore.ts'
import { createCatalog } from './catalog.ts'
import { codingOf } from './checkpointCoding.ts'
import { decodeRunCheckpoint, missingCheckpoint } from './checkpointOfRun.ts'
import { evaluationNode, type EvaluationRequest } from './evaluationStep.ts'
import { otherData } from './otherData.ts'
import { preparedOf } from './preparedOf.ts'
import type { EvaluateOtherRequest, EvaluateRequest } from './protocol.ts'

/**
 * What a run's stored checkpoint is worth, as it is stored or else measured now.
 * @throws StorageError `checkpoint-missing`, `prepared-missing`, and what `evaluationNode` says
 */
export function evaluateStored(
  db: BunsenDatabase,
  device: EngineDevice,
  { part, ...request }: EvaluateRequest & CodeVersion,
): Promise<StoredEvaluation> {
  const { preparedKey } = request
  const prepared = () => preparedOf(db, request)
  return measure(db, device, request, () => ({ part, preparedKey, prepared }))
}

/**
 * The same on all of a stored set that is not the run's: as its test part.
 * @throws StorageError `checkpoint-missing`, DataError `dataset-missing`, and what `otherData` and `evaluationNode` say
 */
export async function evaluateOther(
  db: BunsenDatabase,
  device: EngineDevice,
  { sha256, ...request }: EvaluateOtherRequest & CodeVersion,
): Promise<StoredEvaluation> {
  const { kind, sizeBytes, name } = await requireDataset(db, sha256)
  const content = contentOf(() => readDataset(db, sha256), sizeBytes)
  const found = await measure(db, device, request, ({ config, coding }, runner) => ({
    part: 'test',
    ...otherData({ kind, content, contentSha256: sha256, config, coding }, runner),
  }))
  return { ...found, of: name }
}

interface CodeVersion {
  readonly codeVersion: string
}

/** What is measured of a checkpoint, by what it says of itself. */
type Measured = (
  checkpoint: { readonly config: RunConfig; readonly coding: Coding },
  runner: StepRunner,
) => Pick<EvaluationRequest, 'part' | 'preparedKey' | 'prepared'>

async function measure(
  db: BunsenDatabase,
  device: EngineDevice,
  { runId, slot, codeVersion }: Pick<EvaluateRequest, 'runId' | 'slot'> & CodeVersion,
  measured: Measured,
): Promise<StoredEvaluation> {
  const loaded = await loadCheckpoint(db, runId, slot)
  if (!loaded) throw missingCheckpoint(runId)
  const { checkpoint, ...start } = decodeRunCheckpoint(loaded.bytes, null)
  const config = parseRunConfig(createRunSchema(createCatalog()), checkpoint.config)
  const runner = new StepRunner(createStepStore(db))
  const data = measured({ config, coding: codingOf(checkpoint) }, runner)
  const node = await evaluationNode({ config, start, ...data, device, codeVersion })
  const { value, reports } = await runner.run(node)
  return { step: start.progress.step, evaluation: value, reports }
}
