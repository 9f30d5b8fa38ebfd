import { existsSync, statSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { checkBranch, branchStart } from '../../workers/branchOfRun.ts'
import { decodeRunCheckpoint, type RunStart } from '../../workers/checkpointOfRun.ts'
import { codingOf } from '../../workers/checkpointCoding.ts'
import { StorageError } from '../core/errors.ts'
import { parseRunConfig, type RunConfig, type RunSchema } from '../core/runConfig.ts'
import { sha256Hex } from '../core/sha256.ts'
import type { Checkpoint } from '../storage/checkpoint.ts'
import { readBestCheckpoint, readCheckpointFile } from './runDirectory.ts'

/** A run that leaves another at one of its checkpoints. */
export interface Branch {
  config: RunConfig
  start: RunStart & { checkpoint: Checkpoint }
  /** The checkpoint that was best so far, where the run still has it. */
  best: Uint8Array | null
}

/**
 * Reads `--branch DIR@STEP`; without a step the latest.
 *
 * @param change lays the branch's own settings over the run's
 * @throws StorageError `checkpoint-missing` with the steps there are; ConfigError `branch-unfit`
 */
export function branchFrom(
  schema: RunSchema,
  word: string,
  change: (config: RunConfig) => RunConfig,
): Branch {
  const { path, step } = placeOf(word)
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
  const files = [readCheckpointFile(path), ...(isFolder ? [readBestCheckpoint(path)] : [])]
  const kept = files.flatMap((bytes) =>
    bytes === null ? [] : [{ bytes, ...decodeRunCheckpoint(bytes, null) }],
  )
  const found = kept.find(({ progress }) => step === null || progress.step === step)
  if (found === undefined) throw missingStep(path, step!, new Set(kept.map(({ progress }) => progress.step)))
  const { bytes, ...start } = found
  const own = parseRunConfig(schema, start.checkpoint.config)
  const { stageIndex, stageStep } = start.progress
  const point = { config: own, step: start.progress.step, stageIndex, stageStep }
  const config = change(own)
  checkBranch({ schema, point, config, facts: codingOf(start.checkpoint).facts })
  const name = own.name || basename(resolve(isFolder ? path : dirname(path)))
  const origin = { runId: null, name, sha256: sha256Hex(bytes) }
  return {
    config,
    start: { ...branchStart({ schema, point, config }, { start, origin }), checkpoint: start.checkpoint },
    best: kept.find(({ progress }) => progress.step === start.progress.best?.step)?.bytes ?? null,
  }
}

function placeOf(word: string): { path: string; step: number | null } {
  const parts = /^(.+)@(\d{1,9})$/.exec(word)
  return parts === null || existsSync(word)
    ? { path: word, step: null }
    : { path: parts[1]!, step: Number(parts[2]) }
}

function missingStep(path: string, step: number, steps: ReadonlySet<number>): StorageError {
  const kept = [...steps].join(' and ')
  return new StorageError(`${path}: must hold a checkpoint of step ${step}, got ${kept}`, {
    code: 'checkpoint-missing',
    remedy: `Branch from step ${kept}; train again with --steps ${step} for one of step ${step}.`,
  })
}
