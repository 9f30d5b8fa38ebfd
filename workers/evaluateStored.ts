import type { StoredEvaluation } from '../src/core/evaluation.ts'
import { createRunSchema, parseRunConfig } from '../src/core/runConfig.ts'
import { StepRunner } from '../src/data/steps/stepRunner.ts'
import type { EngineDevice } from '../src/engine/backend/createDevice.ts'
import { loadCheckpoint } from '../src/storage/checkpointStore.ts'
import type { BunsenDatabase } from '../src/storage/database.ts'
import { createStepStore } from '../src/storage/stepStore.ts'
import { createCatalog } from './catalog.ts'
import { decodeRunCheckpoint, missingCheckpoint } from './checkpointOfRun.ts'
import { evaluationNode } from './evaluationStep.ts'
import { preparedOf } from './preparedOf.ts'
import type { EvaluateRequest } from './protocol.ts'

/**
 * What a run's stored checkpoint is worth, as it is stored or else measured now.
 * @throws StorageError `checkpoint-missing`, `prepared-missing`, and what `evaluationNode` says
 */
export async function evaluateStored(
  db: BunsenDatabase,
  device: EngineDevice,
  { runId, slot, part, codeVersion, ...at }: EvaluateRequest & { codeVersion: string },
): Promise<StoredEvaluation> {
  const loaded = await loadCheckpoint(db, runId, slot)
  if (!loaded) throw missingCheckpoint(runId)
  const { checkpoint, ...start } = decodeRunCheckpoint(loaded.bytes, null)
  const node = await evaluationNode({
    config: parseRunConfig(createRunSchema(createCatalog()), checkpoint.config),
    start,
    part,
    preparedKey: at.preparedKey,
    prepared: () => preparedOf(db, at),
    device,
    codeVersion,
  })
  const { value, reports } = await new StepRunner(createStepStore(db)).run(node)
  return { step: start.progress.step, evaluation: value, reports }
}
