import {
  branchChanges,
  branchIssues,
  unfitBranch,
  type BranchOrigin,
  type BranchPoint,
} from '../src/core/branch.ts'
import type { DataFacts } from '../src/core/dataFacts.ts'
import type { RunConfig, RunSchema } from '../src/core/runConfig.ts'
import {
  formatPath,
  valueAt,
  withValueAt,
  type ConfigValue,
  type Issue,
  type Path,
} from '../src/core/schema.ts'
import { splits } from '../src/data/splits/registry.ts'
import { phaseStart } from '../src/engine/optim/components.ts'
import { lossSetting, type LiveSetting } from '../src/engine/training/liveEdits.ts'
import type { RunProgress } from '../src/engine/training/runContext.ts'
import { stateShapes } from '../src/engine/training/stateShapes.ts'
import type { RunStart } from './checkpointOfRun.ts'

interface BranchRequest {
  schema: RunSchema
  point: BranchPoint
  config: RunConfig
}

/**
 * Whether a run can begin at another's checkpoint with other settings.
 *
 * @throws ConfigError `branch-unfit` with every setting that cannot change there, by its path
 */
export function checkBranch(request: BranchRequest & { facts: DataFacts }): void {
  const { schema, point, config } = request
  const issues = branchIssues(schema, point, config)
  if (config.seed !== point.config.seed && splits.get(config.data.split.kind).usesSeed)
    issues.push({
      path: ['seed'],
      message:
        'cannot change in a branch where the split draws by it: the model has learned what would be held out',
    })
  if (issues.length === 0) issues.push(...shapeIssues(request))
  if (issues.length > 0) throw unfitBranch(issues)
}

/** Settings that alone give the checkpoint's stage other tensors; all that changed, where only several together do. */
function shapeIssues({ schema, point, config, facts }: BranchRequest & { facts: DataFacts }): Issue[] {
  const own = shapesAt(point.config, point, facts)
  if (shapesAt(config, point, facts) === own) return []
  const changed = branchChanges(schema, point.config, config).map(({ path }) => path)
  const alone = (path: Path) =>
    withValueAt(point.config as unknown as ConfigValue, path, valueAt(config, path)!) as unknown as RunConfig
  const guilty = changed.filter((path) => shapesAt(alone(path), point, facts) !== own)
  return (guilty.length > 0 ? guilty : changed).map((path) => ({
    path,
    message: 'cannot change in a branch: the checkpoint’s tensors would be others, or of other shapes',
  }))
}

/** Names and shapes of all tensors of the stage at that step. */
function shapesAt(config: RunConfig, { stageIndex, stageStep }: BranchPoint, facts: DataFacts): string {
  const stage = config.stages[stageIndex]!
  const { all } = stateShapes(config, stage, facts, phaseStart(stage.components, Math.max(0, stageStep - 1)))
  return JSON.stringify([...all].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** What a branch begins with: all that the run had, with its own origin. */
export function branchStart(
  { schema, point, config }: BranchRequest,
  { start, origin }: { start: RunStart; origin: Omit<BranchOrigin, 'step' | 'changes'> },
): RunStart {
  const changes = branchChanges(schema, point.config, config).map((change) => ({
    ...change,
    path: formatPath(change.path),
  }))
  return {
    ...start,
    progress: withNewSettings(start.progress, point, config),
    parentSha256: origin.sha256,
    branch: { ...origin, step: point.step, changes },
  }
}

/** What was set by hand stays in force, unless the branch has another setting in its place. */
function withNewSettings(progress: RunProgress, point: BranchPoint, config: RunConfig): RunProgress {
  const { step, stageIndex, stageStep } = point
  const [from, to] = [point.config.stages[stageIndex]!, config.stages[stageIndex]!]
  const settings: [LiveSetting, unknown, unknown][] = [
    ['learningRate', from.optimizer['learningRate'], to.optimizer['learningRate']],
    ...to.losses.map(({ weight }, i): [LiveSetting, unknown, unknown] => [
      lossSetting(i),
      from.losses[i]?.weight,
      weight,
    ]),
  ]
  const isByHand = (setting: LiveSetting) =>
    progress.edits.some((edit) => edit.setting === setting && edit.step >= step - stageStep)
  const edits = settings.flatMap(([setting, before, value]) =>
    before !== value && isByHand(setting) ? [{ step, setting, value: Number(value) }] : [],
  )
  return { ...progress, edits: [...progress.edits, ...edits] }
}
