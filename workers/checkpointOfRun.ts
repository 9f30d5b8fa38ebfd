import { readBranchOrigin, type BranchOrigin } from '../src/core/branch.ts'
import { DataError, StorageError } from '../src/core/errors.ts'
import type { NamedTensors } from '../src/core/hostTensor.ts'
import type { RunConfig } from '../src/core/runConfig.ts'
import type { Coding } from '../src/core/prepared.ts'
import { canonicalJson } from '../src/core/canonicalJson.ts'
import { showValue } from '../src/core/showValue.ts'
import type { RunProgress } from '../src/engine/training/runContext.ts'
import { parseMeasuredKernels } from '../src/engine/training/measuredKernels.ts'
import { codingToJson } from './checkpointCoding.ts'
import { parseTowers } from '../src/engine/training/towerBalance.ts'
import { freshProgress } from '../src/engine/training/trainRun.ts'
import { lossOf } from '../src/engine/training/liveEdits.ts'
import { withNeighbours, withoutNeighbours } from '../src/engine/training/neighbours.ts'
import { phaseStart } from '../src/engine/optim/components.ts'
import type { TrainSession } from '../src/engine/training/trainSession.ts'
import type { Imported } from '../src/engine/training/trainSessionTensors.ts'
import type { TrainEvent } from '../src/engine/training/types.ts'
import {
  decodeCheckpoint,
  encodeCheckpoint,
  type Checkpoint,
  type CheckpointEdit,
  type JsonValue,
} from '../src/storage/checkpoint.ts'

/** Where a run begins: from nothing, from somebody's weights, or from its own checkpoint. */
export interface RunStart {
  tensors: NamedTensors | null
  what: Imported
  progress: RunProgress
  /** SHA-256 of the checkpoint that it began from. */
  parentSha256: string | null
  /** The run and step that it left, of a branch. */
  branch: BranchOrigin | null
}

export function freshStart(): RunStart {
  return { tensors: null, what: 'all', progress: freshProgress(), parentSha256: null, branch: null }
}

/** A run's state as the bytes of one `.safetensors` file. */
export function encodeRunCheckpoint(options: {
  config: RunConfig
  progress: RunProgress
  tensors: NamedTensors
  coding: Coding
  parent: string | null
  branch: BranchOrigin | null
}): Uint8Array<ArrayBuffer> {
  const { config, progress, tensors, coding, parent, branch } = options
  const { tokenizer } = coding
  const {
    step,
    stageIndex,
    stageStep,
    edits,
    latest,
    best,
    elapsedMs,
    evaluationsSinceBest,
    kernels,
    towers,
  } = progress
  return encodeCheckpoint({
    config,
    step,
    stage: stageIndex,
    // Batches are a pure function of (seed, step): the step is the whole cursor.
    cursor: { step, stageStep },
    generator: { kind: 'philox-4x32-10', seed: config.seed },
    trainer: {
      elapsedMs,
      evaluationsSinceBest,
      best: best && { ...best },
      ...(kernels && { kernels: { ...kernels } }),
      ...(towers && { towers: { ...towers } }),
    },
    metrics: latest,
    parent,
    tokenizer: tokenizer && { kind: tokenizer.kind, state: tokenizer.state as JsonValue },
    coding: codingToJson(coding),
    edits,
    branch: branch as JsonValue,
    tensors: withNeighbours(tensors, progress.neighbours),
  })
}

/**
 * The state in a checkpoint's bytes. With `config` it must be that run's own: another model cannot go on from it.
 *
 * @throws DataError `checkpoint-foreign`, `checkpoint-other-run`, and those of `decodeCheckpoint`
 */
export function decodeRunCheckpoint(
  bytes: Uint8Array,
  config: RunConfig | null,
): RunStart & { checkpoint: Checkpoint } {
  const decoded = decodeCheckpoint(bytes)
  if (decoded.kind === 'foreign') {
    throw new DataError(
      'This safetensors file was not saved by Bunsen: it has weights, but nothing to go on from',
      {
        code: 'checkpoint-foreign',
        remedy: 'This version goes on only from checkpoints of its own. Nothing was changed.',
      },
    )
  }
  const { checkpoint } = decoded
  if (
    config !== null &&
    canonicalJson((checkpoint.config as RunConfig).model) !== canonicalJson(config.model)
  ) {
    throw new DataError('The checkpoint belongs to another model than the configuration', {
      code: 'checkpoint-other-run',
      remedy: 'Continue with the settings that are stored in the checkpoint.',
    })
  }
  const { stages } = checkpoint.config as Partial<RunConfig>
  if (Array.isArray(stages) && checkpoint.stage >= stages.length) {
    throw damaged('stage', `one of the ${stages.length} in the configuration`, checkpoint.stage)
  }
  const { tensors, neighbours } = withoutNeighbours(checkpoint.tensors)
  const branch = readBranchOrigin(checkpoint.branch)
  if (branch === undefined) throw damaged('branch', 'a run, a step and what changed', checkpoint.branch)
  return {
    tensors,
    what: 'all',
    progress: { ...progressOf(checkpoint), neighbours },
    parentSha256: checkpoint.parent,
    branch,
    checkpoint,
  }
}

/** Lays a start's tensors into a session, which must be in the start's stage first: the optimizer's tensors are its. */
export function restore(session: TrainSession, { tensors, what, progress }: RunStart): void {
  if (tensors === null) return
  const { stageIndex, stageStep } = progress
  // Of the update before: the trainer goes on to the next phase, if one begins here.
  const start = phaseStart(session.config.stages[stageIndex]!.components, Math.max(0, stageStep - 1))
  if (session.stageIndex !== stageIndex || session.phaseStart !== start) session.enterStage(stageIndex, start)
  session.importState(tensors, what)
}

export function missingCheckpoint(runId: string): StorageError {
  return new StorageError(`Run ${runId} has no checkpoint to begin from`, {
    code: 'checkpoint-missing',
    remedy: 'Let it train until its first checkpoint, or press Checkpoint.',
    details: { runId },
  })
}

function progressOf(checkpoint: Checkpoint): Omit<RunProgress, 'neighbours'> {
  const trainer = record(checkpoint.trainer)
  const cursor = record(checkpoint.cursor)
  const best = trainer['best'] ? record(trainer['best']) : null
  const stageStep = count(cursor['stageStep'], 'cursor.stageStep')
  if (cursor['step'] !== checkpoint.step) throw damaged('cursor.step', `${checkpoint.step}`, cursor['step'])
  if (stageStep > checkpoint.step) throw damaged('cursor.stageStep', `at most ${checkpoint.step}`, stageStep)
  const generator = record(checkpoint.generator)['kind']
  if (generator !== 'philox-4x32-10') throw damaged('generator.kind', 'philox-4x32-10', generator)
  const bestStep = best ? count(best['step'], 'trainer.best.step') : 0
  if (bestStep > checkpoint.step) throw damaged('trainer.best.step', `at most ${checkpoint.step}`, bestStep)
  return {
    step: checkpoint.step,
    stageIndex: checkpoint.stage,
    stageStep,
    elapsedMs: finite(trainer['elapsedMs'], 'trainer.elapsedMs'),
    evaluationsSinceBest: count(trainer['evaluationsSinceBest'], 'trainer.evaluationsSinceBest'),
    best: best
      ? {
          metric: text(best['metric'], 'trainer.best.metric'),
          value: finite(best['value'], 'trainer.best.value'),
          step: bestStep,
        }
      : null,
    edits: checkpoint.edits.map(liveEdit),
    latest: { ...checkpoint.metrics },
    kernels: parseMeasuredKernels(trainer['kernels']),
    towers: parseTowers(trainer['towers']),
  }
}

function record(value: JsonValue): { readonly [key: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as { readonly [key: string]: JsonValue })
    : {}
}

/** What is applied again when the run goes on: nothing but what the page can have asked for. */
function liveEdit({ step, setting, value }: CheckpointEdit): RunProgress['edits'][number] {
  if (!Number.isFinite(value) || value < 0) throw damaged('edits', 'numbers from 0', value)
  const loss = lossOf(setting)
  if (loss !== null) return { step, setting: `lossWeight.${loss}`, value }
  if (setting !== 'learningRate') throw damaged('edits', 'changes of learningRate or lossWeight', setting)
  return { step, setting, value }
}

function text(value: JsonValue | undefined, field: string): string {
  if (typeof value === 'string') return value
  throw damaged(field, 'a text', value)
}

function count(value: JsonValue | undefined, field: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  throw damaged(field, 'a whole number from 0', value)
}

function finite(value: JsonValue | undefined, field: string): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value
  throw damaged(field, 'a number', value)
}

function damaged(field: string, rule: string, got: JsonValue | undefined): DataError {
  return new DataError(`checkpoint: ${field} must be ${rule}, got ${showValue(got)}`, {
    code: 'checkpoint-invalid',
    remedy: 'The file is damaged: take another copy of it.',
    details: { field },
  })
}

/** What is told where newer checkpoints could not be read and the one of step `used` was taken. */
export function skippedNotices(
  skipped: readonly { readonly step: number; readonly problem: { readonly message: string } }[],
  used: number,
): TrainEvent[] {
  return skipped.map(({ step, problem }) => ({
    type: 'notice',
    step: used,
    level: 'warning',
    title: `The checkpoint of step ${step} is damaged; the one of step ${used} was used`,
    detail: problem.message,
  }))
}
