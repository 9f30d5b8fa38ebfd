import { ConfigError } from './errors.ts'
import { listChanges, type Change } from './changes.ts'
import type { RunConfig, RunSchema } from './runConfig.ts'
import { formatPath, type Issue, type Path } from './schema.ts'

/** Where a run's checkpoint stands, for a branch that begins there. */
export interface BranchPoint {
  /** The run's own settings. */
  readonly config: RunConfig
  /** Finished updates over all stages, and of the stage. */
  readonly step: number
  readonly stageIndex: number
  readonly stageStep: number
}

/** A setting that was changed by hand while the run went on. */
interface RateEdit {
  readonly setting: string
  readonly value: number
}

/** What a branch's record says of its origin. */
export interface BranchOrigin {
  /** Of the run that it left; null where that run has none, as on the command line. */
  readonly runId: string | null
  readonly name: string
  readonly step: number
  /** SHA-256 of the checkpoint. */
  readonly sha256: string
  /** Settings that differ from the run's, in words; none of a branch that goes on as the run did. */
  readonly changes: readonly BranchChange[]
}

/** `path` as it is written: "stages[0].batchSize". */
export type BranchChange = Readonly<Omit<Change, 'path'>> & { readonly path: string }

/** Of the data, what decides which batches come and how they look, but not what they mean. */
const freeOfData: ReadonlySet<unknown> = new Set([
  'sampler',
  'augmentations',
  'textAugmentations',
  'masking',
  'mixing',
  'smallCrops',
])
const fixed: ReadonlySet<unknown> = new Set(['task', 'model', 'projector'])

export const branchRemedy =
  'A branch may change the learning rate, the schedule, steps, batch size, weights of losses, augmentations, the sampler, the seed, and later stages. Start a new run for other changes.'

/** What differs from the run to a branch, leaf by leaf, without the name. */
export function branchChanges(schema: RunSchema, from: RunConfig, to: RunConfig): Change[] {
  const common = Math.min(from.stages.length, to.stages.length)
  const cut = (config: RunConfig): RunConfig => ({ ...config, stages: config.stages.slice(0, common) })
  const changes = listChanges(schema, cut(from), cut(to)).filter(({ path }) => formatPath(path) !== 'name')
  if (from.stages.length === to.stages.length) return changes
  const [before, after] = [from, to].map(({ stages }) => `${stages.length} entries`) as [string, string]
  return [...changes, { path: ['stages'], label: schema.fields.stages.label, from: before, to: after }]
}

/** What a branch may not change, or lacks, setting by setting; what its tensors need is looked at by `workers/branchOfRun.ts`. */
export function branchIssues(schema: RunSchema, point: BranchPoint, config: RunConfig): Issue[] {
  const { stageIndex, stageStep } = point
  const issues = branchChanges(schema, point.config, config).flatMap(({ path }): Issue[] => {
    const message = refusalOf(path, point, config)
    return message === null ? [] : [{ path, message }]
  })
  const stage = config.stages[stageIndex]
  if (stage === undefined || issues.length > 0) return issues
  const path = ['stages', stageIndex, 'totalSteps']
  const isLast = stageIndex === config.stages.length - 1
  const rule = isLast ? 'more than' : 'at least'
  if (isLast ? stage.totalSteps > stageStep : stage.totalSteps >= stageStep) return []
  return [
    {
      path,
      message: `must be ${rule} ${stageStep}, which the checkpoint has done, got ${stage.totalSteps}`,
    },
  ]
}

function refusalOf(path: Path, { stageIndex, step }: BranchPoint, { stages }: RunConfig): string | null {
  const [part, place] = path
  if (fixed.has(part)) return 'cannot change in a branch: the weights were made by it'
  if (part === 'data' && !freeOfData.has(place))
    return 'cannot change in a branch: it decides what the weights were taught, and what was held out'
  if (part !== 'stages') return null
  if (typeof place === 'number' && place < stageIndex)
    return `cannot change in a branch: the stage was over before step ${step}`
  if (place === undefined && stages.length <= stageIndex)
    return `must have at least ${stageIndex + 1} entries in a branch from there, got ${stages.length}`
  return null
}

/** The same settings, but a base learning rate that is so many times the one in force there, set by hand or not. */
export function withRateTimes(
  { config, stageIndex, edits }: BranchPoint & { readonly edits: readonly RateEdit[] },
  factor: number,
): RunConfig {
  const byHand = edits.findLast(({ setting }) => setting === 'learningRate')
  const stages = config.stages.map((stage, index) => {
    if (index !== stageIndex) return stage
    const learningRate = factor * (byHand?.value ?? Number(stage.optimizer['learningRate']))
    return { ...stage, optimizer: { ...stage.optimizer, learningRate } }
  })
  return { ...config, stages }
}

/** An error that names all of them. */
export function unfitBranch(issues: readonly Issue[]): ConfigError {
  const shown = issues.slice(0, 8).map(({ path, message }) => `${formatPath(path)}: ${message}`)
  const more = issues.length > shown.length ? ` (and ${issues.length - shown.length} more)` : ''
  return new ConfigError(`The branch cannot begin at this checkpoint: ${shown.join('; ')}${more}`, {
    code: 'branch-unfit',
    remedy: branchRemedy,
    details: Object.fromEntries(shown.map((text, i) => [`issue ${i + 1}`, text])),
  })
}

/** The origin that a file or a stored record tells; null where it tells none, undefined where it is none. */
export function readBranchOrigin(value: unknown): BranchOrigin | null | undefined {
  if (value === null || value === undefined) return null
  if (typeof value !== 'object') return undefined
  const { runId, name, step, sha256, changes } = value as Record<string, unknown>
  const isSound =
    (runId === null || typeof runId === 'string') &&
    typeof name === 'string' &&
    Number.isSafeInteger(step) &&
    Number(step) >= 0 &&
    typeof sha256 === 'string' &&
    /^[0-9a-f]{64}$/.test(sha256) &&
    Array.isArray(changes) &&
    changes.every(isChange)
  return isSound ? (value as BranchOrigin) : undefined
}

function isChange(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const change = value as Record<string, unknown>
  return ['label', 'path', 'from', 'to'].every((field) => typeof change[field] === 'string')
}
