import { DataError } from '../src/core/errors.ts'
import { createRunSchema, parseRunConfig, totalStepsOf } from '../src/core/runConfig.ts'
import { shownName } from '../src/core/shownName.ts'
import { decodeCheckpoint } from '../src/storage/checkpoint.ts'
import { saveCheckpoint } from '../src/storage/checkpointStore.ts'
import type { BunsenDatabase } from '../src/storage/database.ts'
import { appendEvents } from '../src/storage/logStore.ts'
import { newRunId } from '../src/storage/runId.ts'
import { nextColor } from '../src/storage/runStore.ts'
import { createCatalog } from './catalog.ts'
import { checkImport } from './checkImport.ts'
import { decodeRunCheckpoint } from './checkpointOfRun.ts'

/**
 * A dropped `.safetensors` file becomes a run that can be continued, sampled from and downloaded again. Nothing is
 * stored unless all of it is sound.
 *
 * @throws DataError `unreadable-file`, `safetensors-…`, `checkpoint-…`, `weights-…`; ConfigError `invalid-config`; StorageError
 */
export async function importCheckpoint(
  db: BunsenDatabase,
  file: File,
): Promise<{ runId: string; notices: string[] }> {
  const fileName = shownName(file.name)
  const bytes = await readBytes(file)
  const decoded = decodeCheckpoint(bytes)
  if (decoded.kind === 'foreign') {
    throw new DataError(
      `${fileName} is a sound safetensors file with ${decoded.tensors.size} tensors, but not one that Bunsen saved`,
      {
        code: 'checkpoint-foreign',
        remedy: 'This version goes on only from checkpoints of its own. Nothing was stored.',
      },
    )
  }
  const { checkpoint, progress, branch } = decodeRunCheckpoint(bytes, null)
  const config = parseRunConfig(createRunSchema(createCatalog()), checkpoint.config)
  checkImport(fileName, config, checkpoint)
  const now = Date.now()
  const runId = newRunId(now, crypto.getRandomValues(new Uint8Array(8)))
  const name = `${config.name || fileName.replace(/\.safetensors$/i, '')} (imported)`
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
      ...(branch && { branch }),
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
      note: `Imported from ${fileName}`,
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

async function readBytes(file: File): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await file.arrayBuffer())
  } catch (cause) {
    throw new DataError(
      `${shownName(file.name)}: the file (${file.size} bytes) could not be read (${String(cause)}); nothing was stored`,
      {
        code: 'unreadable-file',
        remedy:
          'It may have been moved or changed since it was chosen, or be larger than a browser can hold at once; choose it again.',
        cause,
      },
    )
  }
}
