import type { DataFacts } from '../../core/dataFacts.ts'
import { ConfigError } from '../../core/errors.ts'
import type { RunConfig, StageConfig } from '../../core/runConfig.ts'
import type { EngineDevice } from '../backend/createDevice.ts'
import type { MatmulChoices } from '../kernels/matmul/chooseMatmul.ts'
import { stateSpecs } from '../losses/stageMemory.ts'
import type { ModelSpec } from '../models/defineModel.ts'
import { models } from '../models/registry.ts'
import { initialValues, type ParameterSpec } from '../nn/parameter.ts'
import { optimizers } from '../optim/registry.ts'
import { Updater } from '../optim/updater.ts'
import { layOut, pageLimit } from '../parameters/layout.ts'
import { createTensorStore, type TensorStore } from '../parameters/tensorStore.ts'
import type { TaskSpec } from '../tasks/defineTask.ts'
import { LossStates } from './lossStates.ts'
import { areLogitsInParts } from './logitsInParts.ts'
import type { ArraySpecs } from './trainStepBatch.ts'
import { WeightAverage } from './weightAverage.ts'
import { learnersOf, lossSizes } from './weightSpecs.ts'

export interface StageState {
  readonly index: number
  readonly config: StageConfig
  /** Step of the stage since which the same weights learn; the optimizer began then. */
  readonly phaseStart: number
  /** Gradient checkpointing is on. Asked when an update is set up, since a step may be planned for the answer. */
  isCheckpointed(): boolean
  /** Losses make the logits for some rows at a time. */
  readonly areLogitsInParts: boolean
  /** Gradients and optimizer of the weights that learn. */
  readonly updater: Updater
  /** What its losses keep from step to step. */
  readonly lossStates: LossStates
  /** null unless asked for. */
  readonly average: WeightAverage | null
  dispose(): void
}

/** All that a session holds; the functions beside this file work on it. */
export interface SessionState {
  readonly device: EngineDevice
  readonly config: RunConfig
  readonly facts: DataFacts
  readonly model: ModelSpec
  readonly task: TaskSpec
  /** Arrays of a batch, by name. */
  readonly arraySpecs: ArraySpecs
  /** Of the model, then of its losses. */
  readonly specs: readonly ParameterSpec[]
  /** In the order of `specs`. */
  readonly weights: TensorStore
  stage: StageState
  /** Kernels by product, instead of the table's. */
  matmulChoices: MatmulChoices
}

/** Weights with their initial values on the current backend. */
export function createWeights(specs: readonly ParameterSpec[], seed: number): TensorStore {
  const weights = createTensorStore(layOut(specs, pageLimit()), 'weights')
  for (const spec of specs) weights.fill(spec.name, () => initialValues(spec, seed))
  return weights
}

interface StageOptions extends Pick<StageState, 'isCheckpointed'> {
  /** 0 when left out. */
  readonly phaseStart?: number
  /** An earlier phase of the same stage. */
  readonly earlier?: StageState | null
}

/**
 * Optimizer, learners and losses of a stage. The optimizer's tensors start at zero, an average with the weights, what losses
 * keep as they say; or all but the optimizer go on from an earlier phase of the same stage. Throws `no-such-stage`.
 */
export function createStage(
  config: RunConfig,
  index: number,
  { specs, weights, facts }: Pick<SessionState, 'specs' | 'weights' | 'facts'>,
  { isCheckpointed, phaseStart = 0, earlier = null }: StageOptions,
): StageState {
  const stage = config.stages[index]
  if (stage === undefined) {
    throw new ConfigError(`Stage: must be from 0 to ${config.stages.length - 1}, got ${index}`, {
      code: 'no-such-stage',
    })
  }
  const learners = learnersOf(stage, specs, {
    step: phaseStart,
    towers: models.get(config.model.kind).towers,
  })
  const optimizer = optimizers.get(stage.optimizer.kind)
  const updater = new Updater({ optimizer, params: stage.optimizer, learners, weights })
  const { isEnabled, decay } = stage.weightAverage
  const average = earlier ? earlier.average : isEnabled ? new WeightAverage(weights, decay) : null
  const lossStates =
    earlier?.lossStates ?? new LossStates(stateSpecs(stage, lossSizes(config, stage, facts)), config.seed)
  return {
    index,
    config: stage,
    phaseStart,
    isCheckpointed,
    areLogitsInParts: areLogitsInParts(config, stage, facts),
    updater,
    lossStates,
    average,
    dispose() {
      updater.dispose()
      lossStates.dispose()
      average?.dispose()
    },
  }
}

/** What validation and samples use. */
export function evaluatedWeights({ weights, stage }: Pick<SessionState, 'weights' | 'stage'>): TensorStore {
  return stage.average !== null && stage.config.weightAverage.isEvaluated ? stage.average.store : weights
}
