import { ConfigError } from '../../core/errors.ts'
import type { RunConfig, StageConfig } from '../../core/runConfig.ts'
import type { EngineDevice } from '../backend/createDevice.ts'
import { tensor, tidy, variable, zeros, type Variable } from '../backend/tfjs.ts'
import type { ModelSpec } from '../models/defineModel.ts'
import { initialValues, type ParameterSpec } from '../nn/parameter.ts'
import { treatmentOf } from '../optim/components.ts'
import type { OptimizerSpec } from '../optim/defineOptimizer.ts'
import { optimizers } from '../optim/registry.ts'
import type { TaskSpec } from '../tasks/defineTask.ts'

/** A weight that learns in the current stage, with the optimizer's tensors for it. */
export interface Learner {
  readonly spec: ParameterSpec
  readonly parameter: Variable
  readonly slots: Readonly<Record<string, Variable>>
  readonly learningRateMultiplier: number
}

export interface StageState {
  readonly index: number
  readonly config: StageConfig
  readonly optimizer: OptimizerSpec
  readonly learners: readonly Learner[]
}

/** All that a session holds; the functions beside this file work on it. */
export interface SessionState {
  readonly device: EngineDevice
  readonly config: RunConfig
  readonly vocabSize: number
  readonly model: ModelSpec
  readonly task: TaskSpec
  readonly specs: readonly ParameterSpec[]
  /** In the order of `specs`. */
  readonly weights: ReadonlyMap<string, Variable>
  stage: StageState
}

/** Weights with their initial values on the current backend. */
export function createWeights(specs: readonly ParameterSpec[], seed: number): Map<string, Variable> {
  return new Map(
    specs.map((spec) => [
      spec.name,
      tidy(() => variable(tensor(initialValues(spec, seed), [...spec.shape], 'float32'))),
    ]),
  )
}

/** Optimizer and learners of a stage; the optimizer's tensors start at zero. Throws `no-such-stage`. */
export function createStage(
  config: RunConfig,
  index: number,
  { specs, weights }: Pick<SessionState, 'specs' | 'weights'>,
): StageState {
  const stage = config.stages[index]
  if (stage === undefined) {
    throw new ConfigError(`Stage: must be from 0 to ${config.stages.length - 1}, got ${index}`, {
      code: 'no-such-stage',
    })
  }
  const optimizer = optimizers.get(stage.optimizer.kind)
  const slotNames = optimizer.slots(stage.optimizer)
  const learners = specs.flatMap((spec): Learner[] => {
    const { isFrozen, learningRateMultiplier } = treatmentOf(stage.components, spec.name)
    if (isFrozen) return []
    const slots = Object.fromEntries(
      slotNames.map((slot) => [slot, tidy(() => variable(zeros([...spec.shape])))]),
    )
    return [{ spec, parameter: weights.get(spec.name)!, slots, learningRateMultiplier }]
  })
  return { index, config: stage, optimizer, learners }
}

export function disposeStage({ learners }: StageState): void {
  for (const { slots } of learners) Object.values(slots).forEach((slot) => slot.dispose())
}
