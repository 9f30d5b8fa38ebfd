import type { BranchPoint } from '../src/core/branch.ts'
import { createRunSchema, parseRunConfig, totalStepsOf, type RunConfig } from '../src/core/runConfig.ts'
import { loadKeptCheckpoint, saveCheckpoint, type LoadedCheckpoint } from '../src/storage/checkpointStore.ts'
import type { BunsenDatabase } from '../src/storage/database.ts'
import { appendEvents } from '../src/storage/logStore.ts'
import { getRun, nextColor } from '../src/storage/runStore.ts'
import { createCatalog } from './catalog.ts'
import { codingOf } from './checkpointCoding.ts'
import { branchStart, checkBranch } from './branchOfRun.ts'
import { decodeRunCheckpoint, encodeRunCheckpoint, missingCheckpoint } from './checkpointOfRun.ts'
import type { BranchRequest, KeptPoint } from './protocol.ts'

/**
 * Where a kept checkpoint stands.
 *
 * @throws StorageError `checkpoint-missing`, `checkpoint-corrupt`; DataError `checkpoint-…`
 */
export async function keptPoint(db: BunsenDatabase, runId: string, step: number): Promise<KeptPoint> {
  const { point, start } = await pointOf(db, runId, step)
  const since = step - point.stageStep
  return { ...point, edits: start.progress.edits.filter((edit) => edit.step >= since) }
}

/**
 * Stores a run that stands at another's checkpoint with settings of its own, for `run` to go on with: from its first moment
 * it needs that other no more. Nothing is stored unless all of it is sound.
 *
 * @throws ConfigError `branch-unfit`; and what {@link keptPoint} throws
 */
export async function branchStored(
  db: BunsenDatabase,
  { runId, parent, step, config: wanted }: BranchRequest,
): Promise<void> {
  const schema = createRunSchema(createCatalog())
  const config = parseRunConfig(schema, wanted)
  const [run, { point, start, loaded }] = await Promise.all([getRun(db, parent), pointOf(db, parent, step)])
  const coding = codingOf(start.checkpoint)
  checkBranch({ schema, point, config, facts: coding.facts })
  const origin = { runId: parent, name: run.name, sha256: loaded.info.sha256 }
  const { progress, branch, tensors, parentSha256 } = branchStart(
    { schema, point, config },
    { start, origin },
  )
  const bytes = encodeRunCheckpoint({
    config,
    progress,
    tensors: tensors!,
    coding,
    parent: parentSha256,
    branch,
  })
  const now = Date.now()
  await saveCheckpoint(db, {
    runId,
    slot: 'latest',
    step,
    bytes,
    run: {
      id: runId,
      version: 1,
      name: branchName(config, point.config, run.name, step),
      createdAt: now,
      updatedAt: now,
      status: 'stopped',
      config,
      preset: run.preset,
      parent,
      ...(branch && { branch }),
      step,
      totalSteps: totalStepsOf(config),
      elapsedMs: progress.elapsedMs,
      latest: progress.latest,
      best: progress.best,
      device: run.device,
      codeVersion: run.codeVersion,
      error: null,
      color: await nextColor(db),
      isVisible: true,
      note: '',
      tags: [],
    },
  })
  await copyBest(db, { runId, parent, step: progress.best?.step })
  const changes = branch!.changes.map(({ label, from, to }) => `${label}: ${to} instead of ${from}`)
  await appendEvents(db, runId, [
    {
      step,
      event: {
        type: 'notice',
        step,
        level: 'info',
        title: `Branched from ${run.name}`,
        detail: changes.length === 0 ? 'No setting differs.' : `${changes.join('. ')}.`,
      },
    },
    { step, event: { type: 'stage', step, index: point.stageIndex, fromStep: step - point.stageStep } },
    ...progress.edits
      .filter((edit) => edit.step >= step - point.stageStep)
      .map((edit) => ({ step: edit.step, event: { type: 'edit', ...edit } })),
    { step, event: { type: 'checkpoint', step, slot: 'latest', sizeBytes: bytes.length } },
  ])
}

/** What a stage may have to go back to. */
async function copyBest(
  db: BunsenDatabase,
  { runId, parent, step }: { runId: string; parent: string; step: number | undefined },
): Promise<void> {
  const best = step === undefined ? null : await loadKeptCheckpoint(db, parent, step).catch(() => null)
  if (best) await saveCheckpoint(db, { runId, slot: 'best', step: best.info.step, bytes: best.bytes })
}

async function pointOf(
  db: BunsenDatabase,
  runId: string,
  step: number,
): Promise<{
  point: BranchPoint
  start: ReturnType<typeof decodeRunCheckpoint>
  loaded: LoadedCheckpoint
}> {
  const loaded = await loadKeptCheckpoint(db, runId, step)
  if (!loaded) throw missingCheckpoint(runId)
  const start = decodeRunCheckpoint(loaded.bytes, null)
  const config = parseRunConfig(createRunSchema(createCatalog()), start.checkpoint.config)
  const { stageIndex, stageStep } = start.progress
  return { point: { config, step, stageIndex, stageStep }, start, loaded }
}

function branchName({ name }: RunConfig, from: RunConfig, parent: string, step: number): string {
  return name !== '' && name !== from.name ? name : `${parent.slice(0, 90)}, from step ${step}`
}
