import { ConfigError, DataError } from '../../core/errors.ts'
import type { NamedTensors } from '../../core/hostTensor.ts'
import { invalidConfig, type RunConfig } from '../../core/runConfig.ts'
import type { EngineDevice } from '../backend/createDevice.ts'
import { tensor1d, tidy, type Tensor } from '../backend/tfjs.ts'
import { parameterCount } from '../models/parameterCount.ts'
import { models } from '../models/registry.ts'
import { noDropout } from '../nn/dropoutSites.ts'
import { hasNonFinite } from '../ops/nonFinite.ts'
import { checkConfig } from '../tasks/checkConfig.ts'
import { tasks } from '../tasks/registry.ts'
import { createStage, createWeights, disposeStage, type SessionState } from './trainSessionState.ts'
import { exportTensors, importTensors } from './trainSessionTensors.ts'
import { accumulate, lossOf, trainStep, type StepRequest } from './trainStep.ts'
import { checkBatch, type Batch } from './trainStepBatch.ts'

export type { StepRequest } from './trainStep.ts'
export type { Batch } from './trainStepBatch.ts'

export interface StepReadings {
  /** Mean over all positions with a target, before the update. */
  loss: number
  /** Before clipping. */
  gradNorm: number
  /** Terms of the loss by name; empty when there is only one. */
  parts: Record<string, number>
}

/** Numbers of a submitted step that are still on the device. */
export interface PendingReadings {
  read(): Promise<StepReadings>
  /** Frees them unread. */
  discard(): void
}

export interface TrainSession {
  readonly config: RunConfig
  readonly vocabSize: number
  readonly parameterCount: number
  readonly stageIndex: number
  /** Optimizer, losses and components of another stage; the optimizer's state starts fresh. */
  enterStage(stageIndex: number): void
  /** Submits one update (forward, backward, accumulate, clip, optimizer). Does not wait for the GPU. */
  step(request: StepRequest): PendingReadings
  /** Mean loss of the stage's losses without dropout. */
  evaluate(batch: Batch): Promise<number>
  /** Logits [vocabSize] of the token that follows a sequence, of which the last seqLen tokens are read. */
  nextLogits(tokens: readonly number[]): Promise<Float32Array>
  /** Weights under their names, and `optimizer.<slot>.<weight>`. */
  exportState(): Promise<NamedTensors>
  /** All or nothing. Throws a `DataError` that names missing, unexpected and mis-shaped tensors. */
  importState(tensors: NamedTensors, what: 'all' | 'weights'): void
  /**
   * Name of the first weight that holds a NaN or infinity; then, given a request, `gradient of <weight>` or `loss`;
   * null when all are finite.
   */
  findNonFinite(request: StepRequest | null): Promise<string | null>
  dispose(): void
}

/**
 * A model with its weights and optimizer on a device, at the first stage, with weights made from the config's seed.
 * Throws `invalid-config` with the paths of what does not fit together.
 */
export function createTrainSession(options: {
  device: EngineDevice
  config: RunConfig
  vocabSize: number
}): TrainSession {
  const { config, vocabSize } = options
  const issues = checkConfig(config)
  if (issues.length > 0) throw invalidConfig(issues)
  if (!Number.isInteger(vocabSize) || vocabSize < 1) {
    throw new ConfigError(`Session: vocabSize must be a whole number from 1, got ${vocabSize}`, {
      code: 'vocab-size',
    })
  }
  const model = models.get(config.model.kind)
  const specs = model.parameters(config.model, vocabSize)
  const weights = createWeights(specs, config.seed)
  const stage = createStage(config, 0, { specs, weights })
  const state: SessionState = { ...options, model, task: tasks.get(config.task), specs, weights, stage }
  return {
    config,
    vocabSize,
    parameterCount: parameterCount(config, vocabSize),
    get stageIndex() {
      return state.stage.index
    },
    enterStage(stageIndex) {
      const next = createStage(config, stageIndex, state)
      disposeStage(state.stage)
      state.stage = next
    },
    step: (request) => submitStep(state, request),
    evaluate: (batch) => evaluate(state, batch),
    nextLogits: (tokens) => nextLogits(state, tokens),
    exportState: () => exportTensors(state),
    importState: (tensors, what) => importTensors(state, tensors, what),
    findNonFinite: (request) => findNonFinite(state, request),
    dispose() {
      disposeStage(state.stage)
      weights.forEach((weight) => weight.dispose())
    },
  }
}

/** Data of a tensor that is not needed afterwards. A fault of the device is thrown instead. */
async function takeData({ device }: SessionState, tensor: Tensor): Promise<Float32Array> {
  try {
    return (await tensor.data<'float32'>()).slice()
  } finally {
    tensor.dispose()
    device.throwIfFailed()
  }
}

function submitStep(state: SessionState, request: StepRequest): PendingReadings {
  state.device.throwIfFailed()
  const { readings, partNames } = trainStep(state, request)
  return {
    async read() {
      const [gradNorm, loss, ...parts] = await takeData(state, readings)
      return {
        loss: loss!,
        gradNorm: gradNorm!,
        parts: Object.fromEntries(partNames.map((name, i) => [name, parts[i]!])),
      }
    },
    discard: () => readings.dispose(),
  }
}

async function evaluate(state: SessionState, batch: Batch): Promise<number> {
  checkBatch(batch, state.vocabSize)
  const [loss] = await takeData(
    state,
    tidy(() => lossOf(state, batch, noDropout).total),
  )
  return loss!
}

async function nextLogits(state: SessionState, tokens: readonly number[]): Promise<Float32Array> {
  const { model, config, weights, vocabSize } = state
  const seqLen = model.seqLen(config.model)
  const seen = tokens.slice(-seqLen)
  const bad = seen.find((id) => !Number.isInteger(id) || id < 0 || id >= vocabSize)
  if (seen.length === 0 || bad !== undefined) {
    const got = bad === undefined ? 'none' : String(bad)
    throw new DataError(`Prompt: must hold tokens from 0 to ${vocabSize - 1}, got ${got}`, {
      code: 'token-range',
    })
  }
  // Filled up on the right, where causal attention does not look: one shape, so kernels are compiled once.
  const padded = Int32Array.from({ length: seqLen }, (_, i) => seen[i] ?? 0)
  const logits = tidy(() => {
    const ids = tensor1d(padded, 'int32')
    const input = { ids, batchSize: 1, seqLen, dropoutAt: noDropout, onlyRow: seen.length - 1 }
    return model.forward(config.model, weights, input)
  })
  return takeData(state, logits)
}

async function findNonFinite(state: SessionState, request: StepRequest | null): Promise<string | null> {
  const { specs, weights, stage } = state
  const weightData = await Promise.all(specs.map(({ name }) => weights.get(name)!.data<'float32'>()))
  const broken = specs.find((_, i) => hasNonFinite(weightData[i]!))
  if (broken) return broken.name
  if (request === null) return null
  const computed: Tensor[] = tidy(() => {
    const { readings, gradients } = accumulate(state, request)
    return [readings, ...gradients]
  })
  const [losses, ...data] = await Promise.all(computed.map((value) => takeData(state, value)))
  const learner = stage.learners.find((_, i) => hasNonFinite(data[i]!))
  if (learner) return `gradient of ${learner.spec.name}`
  return hasNonFinite(losses!) ? 'loss' : null
}
