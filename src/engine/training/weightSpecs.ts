import type { DataFacts } from '../../core/dataFacts.ts'
import type { RunConfig, StageConfig } from '../../core/runConfig.ts'
import { tasks } from '../tasks/registry.ts'
import type { LossSizes } from '../losses/defineLoss.ts'
import { allLearnedNumbers, isOfLoss, learnedNumbers } from '../losses/stageMemory.ts'
import { models } from '../models/registry.ts'
import type { ParameterSpec } from '../nn/parameter.ts'
import { treatmentOf } from '../optim/components.ts'
import { isBalanced } from './towerBalance.ts'
import type { Learner } from '../optim/updaterLayout.ts'

/** All that a run can learn, in the order of checkpoints: the model's weights, then the numbers of its losses. */
export function weightSpecs(config: RunConfig, facts: DataFacts): ParameterSpec[] {
  const sizes = tasks.get(config.task).sizes(facts, config)
  const ofModel = models.get(config.model.kind).parameters(config.model, sizes)
  return [...ofModel, ...allLearnedNumbers(config)]
}

/** Which of them learn in a stage after `step` of its updates, and how. Towers are
 * beginnings of names, of which weights follow a rate of their own where the stage balances them. Numbers of losses never decay: nothing says that 0 is a good temperature. */
export function learnersOf(
  stage: StageConfig,
  specs: readonly ParameterSpec[],
  { step, towers }: { step: number; towers: readonly string[] },
): Learner[] {
  const ofStage = new Set(learnedNumbers(stage).map(({ name }) => name))
  return specs.flatMap((spec): Learner[] => {
    const { isFrozen, ...treatment } = treatmentOf(stage.components, spec.name, step)
    if (isFrozen || (isOfLoss(spec.name) && !ofStage.has(spec.name))) return []
    const tower = isBalanced(stage) ? towers.findIndex((name) => spec.name.startsWith(name)) : -1
    return [
      {
        spec,
        ...treatment,
        ...(isOfLoss(spec.name) ? { weightDecay: 0 } : {}),
        ...(tower >= 0 ? { tower } : {}),
      },
    ]
  })
}

/** What the sizes of a loss's state depend on. */
export function lossSizes(config: RunConfig, { batchSize }: StageConfig, facts: DataFacts): LossSizes {
  return { width: tasks.get(config.task).lossWidth(facts, config), batchSize }
}
