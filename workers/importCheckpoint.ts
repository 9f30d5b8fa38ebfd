import { DataError } from '../src/core/errors.ts'
import { createRunSchema, parseRunConfig, totalStepsOf } from '../src/core/runConfig.ts'
import { models } from '../src/engine/models/registry.ts'
import { decodeCheckpoint } from '../src/storage/checkpoint.ts'
import { saveCheckpoint } from '../src/storage/checkpointStore.ts'
import type { BunsenDatabase } from '../src/storage/database.ts'
import { appendEvents } from '../src/storage/logStore.ts'
import { newRunId } from '../src/storage/runId.ts'
import { nextColor } from '../src/storage/runStore.ts'
import { createCatalog } from './catalog.ts'
import { decodeRunCheckpoint } from './checkpointOfRun.ts'
import { vocabSizeOf } from './tokenData.ts'

/**
 * A dropped `.safetensors` file becomes a run that can be continued, sampled from and downloaded again. Nothing is
 * stored unless all of it is sound.
 *
 * @throws DataError `safetensors-…`, `checkpoint-…`, `weights-…`; ConfigError `invalid-config`; StorageError
 */
export async function importCheckpoint(
  db: BunsenDatabase,
  file: File,
): Promise<{ runId: string; notices: string[] }> {
  const bytes = new Uint8Array(await file.arrayBuffer())
  const decoded = decodeCheckpoint(bytes)
  if (decoded.kind === 'foreign') {
    throw new DataError(
      `${file.name} is a sound safetensors file with ${decoded.tensors.size} tensors, but not one that Bunsen saved`,
      {
        code: 'checkpoint-foreign',
        remedy: 'This version goes on only from checkpoints of its own. Nothing was stored.',
      },
    )
  }
  const { checkpoint, progress } = decodeRunCheckpoint(bytes, null)
  const config = parseRunConfig(createRunSchema(createCatalog()), checkpoint.config)
  checkWeights(file.name, config, checkpoint)
  const now = Date.now()
  const runId = newRunId(now, crypto.getRandomValues(new Uint8Array(8)))
  const name = `${config.name || file.name.replace(/\.safetensors$/i, '')} (imported)`
  await saveCheckpoint(db, {
    runId,
    slot: 'latest',
    step: progress.step,
    bytes,
    run: {
      id: runId,
      version: 1,
      name,
      createdAt: now,
      updatedAt: now,
      status: progress.step >= totalStepsOf(config) ? 'done' : 'stopped',
      config,
      preset: null,
      parent: null,
      step: progress.step,
      totalSteps: totalStepsOf(config),
      elapsedMs: progress.elapsedMs,
      latest: progress.latest,
      best: progress.best,
      device: null,
      codeVersion: '',
      error: null,
      color: await nextColor(db),
      isVisible: true,
      note: `Imported from ${file.name}`,
      tags: [],
    },
  })
  await appendEvents(db, runId, [
    {
      step: progress.step,
      event: { type: 'metrics', step: progress.step, values: progress.latest, elapsedMs: progress.elapsedMs },
    },
    {
      step: progress.step,
      event: { type: 'checkpoint', step: progress.step, slot: 'latest', sizeBytes: bytes.length },
    },
  ])
  return { runId, notices: [] }
}

/** Every weight of the config's model must be there in its shape; what the optimizer had may be missing. */
function checkWeights(
  name: string,
  config: ReturnType<typeof parseRunConfig>,
  checkpoint: {
    tensors: ReadonlyMap<string, { shape: readonly number[] }>
    tokenizer: { kind: string; state: unknown } | null
  },
): void {
  if (checkpoint.tokenizer === null) {
    throw new DataError(`${name}: the checkpoint has no tokenizer`, {
      code: 'checkpoint-invalid',
      remedy: 'The file is damaged: take another copy of it. Nothing was stored.',
    })
  }
  const specs = models.get(config.model.kind).parameters(config.model, vocabSizeOf(checkpoint.tokenizer))
  const wrong = specs.filter((spec) => checkpoint.tensors.get(spec.name)?.shape.join() !== spec.shape.join())
  if (wrong.length === 0) return
  const shown = wrong.slice(0, 3).map((spec) => {
    const got = checkpoint.tensors.get(spec.name)
    return `${spec.name} must be [${spec.shape.join(', ')}], got ${got ? `[${got.shape.join(', ')}]` : 'none'}`
  })
  throw new DataError(
    `${name}: ${wrong.length} weights do not fit the model in its configuration: ${shown.join('; ')}`,
    {
      code: 'weights-mismatch',
      remedy: 'The file is damaged or was edited. Nothing was stored.',
    },
  )
}
