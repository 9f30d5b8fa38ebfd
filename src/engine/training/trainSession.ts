import type { DataFacts } from '../../core/dataFacts.ts'
import type { NamedTensors } from '../../core/hostTensor.ts'
import { invalidConfig, type RunConfig } from '../../core/runConfig.ts'
import type { EngineDevice } from '../backend/createDevice.ts'
import { LabBackend } from '../backend/labBackend.ts'
import { backend as currentBackend } from '../backend/tfjs.ts'
import type { CompileProgress, PendingValues } from '../graph/deviceFunction.ts'
import { checkPlaces, stepBytes } from '../graph/placement.ts'
import type { MatmulChoices, ProductShape } from '../kernels/matmul/chooseMatmul.ts'
import { parameterCount } from '../models/parameterCount.ts'
import { models } from '../models/registry.ts'
import { hasNonFinite } from '../ops/nonFinite.ts'
import { checkConfig } from '../tasks/checkConfig.ts'
import { tasks } from '../tasks/registry.ts'
import { measureDevicePeaks } from './devicePeaks.ts'
import { Functions } from './functions.ts'
import { isCheckpointed } from './memoryPlan.ts'
import { oversizedWeight } from './oversized.ts'
import { SequencesReader, writtenOf } from './sequencesReader.ts'
import { gradientsOnHost, shapeOf, type StepFunction } from './sessionFunctions.ts'
import { TokenReader } from './tokenReader.ts'
import { createStage, createWeights, type SessionState } from './trainSessionState.ts'
import { learningTowers } from './towerNorms.ts'
import { exportTensors, importTensors, type Imported } from './trainSessionTensors.ts'
import { checkBatch, type Batch, type StepRequest } from './trainStepBatch.ts'
import type { SessionMemory, StepProfile } from './types.ts'
import { weightSpecs } from './weightSpecs.ts'

export type { Batch, StepRequest } from './trainStepBatch.ts'
export type { SessionMemory } from './types.ts'

export interface StepReadings {
  /** Mean over all positions with a target, before the update. */
  loss: number
  /** Before clipping by it, after clipping by value. */
  gradNorm: number
  /** Terms of the loss by name; empty when there is only one. */
  parts: Record<string, number>
  /** Before clipping by the norm, by number of tower; left out where towers are not balanced. 0 of one that does not learn. */
  towerNorms?: readonly number[]
}

/** Numbers of a submitted step that are still on the device. */
export interface PendingReadings {
  read(): Promise<StepReadings>
  /** Frees them unread. */
  discard(): void
}

export interface TimedStep {
  readonly pending: PendingReadings
  /** All that the session knows of it: the host's time is added by whoever has a clock. */
  readonly profile: Promise<Omit<StepProfile, 'hostMs' | 'dataMs'>>
}

export interface Evaluation {
  /** Mean of the stage's losses by their weights, over all that has a target. */
  loss: number
  /** What the task's metrics are made from: see `TaskSpec.measure`. */
  measured: Float32Array
}

export interface TrainSession {
  readonly config: RunConfig
  readonly facts: DataFacts
  readonly parameterCount: number
  readonly stageIndex: number
  /** Step of the stage since which the same weights learn. */
  readonly phaseStart: number
  /**
   * Records the step of the current stage, and compiles what it needs in the background. Without it the first one blocks
   * while it compiles.
   */
  prepareStep(onProgress: CompileProgress): Promise<void>
  /**
   * The same for its evaluation and the writing of texts, which wait for it where it has not ended; so does a failure, so
   * that the promise need not be looked at.
   */
  prepareOthers(): Promise<void>
  /** Bytes that the session holds on the device, by kind. */
  memory(): SessionMemory
  /**
   * The same as it will be when the current stage trains: its step is recorded, but nothing compiled and no memory
   * taken. null where nothing is recorded.
   * @throws DeviceError `buffer-too-large`
   */
  plannedMemory(): SessionMemory | null
  /** Why steps run without a recording, in words; null when they do not, or were asked to. */
  readonly refusal: string | null
  /**
   * Optimizer, losses and components of another stage, or of a later phase of this one, which keeps what losses and averages
   * hold; the optimizer's state starts fresh.
   */
  enterStage(stageIndex: number, phaseStart?: number): void
  /** The matrix products of an update of each stage, as often as it has them; none on the CPU. Stages start fresh. */
  products(): Promise<ProductShape[]>
  /** Makes these products by these kernels from now on; what was recorded is recorded anew. */
  useKernels(choices: MatmulChoices): void
  /** Submits one update (forward, backward, accumulate, clip, optimizer). Does not wait for the GPU. */
  step(request: StepRequest): PendingReadings
  /** The same, with the time of every dispatch; slower, with the same numbers. */
  stepTimed(request: StepRequest): TimedStep
  /** Without dropout, with averaged weights where the stage says so. */
  evaluate(batch: Batch): Promise<Evaluation>
  /** Logits [vocabSize] of the token that follows a sequence, of which the last seqLen tokens are read. */
  nextLogits(tokens: readonly number[]): Promise<Float32Array>
  /** float32 [B*V], of a task that writes: scores of what follows place `row` of each of the batch's `targetIds`. */
  nextOfEach(batch: Batch, row: number): Promise<Float32Array>
  /** float32 [B*Tt*Ts], the same batch: what each place of `targetIds` looks at in `texts`. */
  attentionOfEach(batch: Batch): Promise<Float32Array>
  /** float32 [n*V], of a task that hides tokens: scores of these places of the batch's sequences. */
  scoresAt(batch: Batch, places: Int32Array): Promise<Float32Array>
  /**
   * Weights under their names, `loss.<loss>.<part>` of what losses learn and keep, `optimizer.<slot>.<weight>`, and
   * `ema.<weight>` where they are averaged.
   */
  exportState(): Promise<NamedTensors>
  /** All or nothing. Throws a `DataError` that names missing, unexpected and mis-shaped tensors. */
  importState(tensors: NamedTensors, what: Imported): void
  /**
   * Name of the first weight that holds a NaN or infinity; then, given a request, `gradient of <weight>` or `loss`;
   * null when all are finite.
   */
  findNonFinite(request: StepRequest | null): Promise<string | null>
  dispose(): void
}

/**
 * A model with its weights and optimizer on a device, at the first stage, with weights made from the config's seed.
 * Throws `invalid-config` with the paths of what does not fit together, and `buffer-too-large`.
 * @param options.isEager runs every step operation by operation instead of replaying it: slower, the same numbers
 */
export function createTrainSession(options: {
  device: EngineDevice
  config: RunConfig
  facts: DataFacts
  isEager?: boolean
}): TrainSession {
  const { device, config, facts, isEager = false } = options
  const issues = checkConfig(config)
  if (issues.length > 0) throw invalidConfig(issues)
  const oversized = oversizedWeight(config, facts, device.info)
  if (oversized !== null) throw oversized
  const model = models.get(config.model.kind)
  const specs = weightSpecs(config, facts)
  const checkpoints = (stageIndex: number) =>
    isCheckpointed(config, stageIndex, { facts, device: device.info })
  const weights = createWeights(specs, config.seed)
  const stage = createStage(config, 0, { specs, weights, facts }, { isCheckpointed: () => checkpoints(0) })
  const task = tasks.get(config.task)
  const matmulChoices = {}
  const state: SessionState = {
    device,
    config,
    facts,
    model,
    task,
    arraySpecs: task.arrays(facts, config),
    specs,
    weights,
    stage,
    matmulChoices,
  }
  const functions = new Functions(state, isEager)
  const reader = new TokenReader(state, functions)
  const sequences = new SequencesReader(state, functions)
  const forget = (): void => {
    reader.forget()
    sequences.forget()
  }
  const enterStage = (stageIndex: number, phaseStart = 0): void => {
    const { stage } = state
    const isSameStage = stageIndex === stage.index && phaseStart > stage.phaseStart
    const next = createStage(config, stageIndex, state, {
      isCheckpointed: () => checkpoints(stageIndex),
      phaseStart,
      earlier: isSameStage ? stage : null,
    })
    forget()
    functions.leaveStage()
    if (isSameStage) stage.updater.dispose()
    else stage.dispose()
    state.stage = next
  }
  return {
    config,
    facts,
    parameterCount: parameterCount(config, task.sizes(facts, config)),
    get stageIndex() {
      return state.stage.index
    },
    get phaseStart() {
      return state.stage.phaseStart
    },
    get refusal() {
      return functions.refusal
    },
    prepareStep: (onProgress) => functions.prepareStep(onProgress),
    prepareOthers: () => functions.prepareOthers(),
    memory: () => memoryOf(state, functions),
    plannedMemory: () => plannedMemory(state, functions),
    enterStage,
    async products() {
      const first = state.stage.index
      const found: ProductShape[] = []
      for (const index of config.stages.keys()) {
        if (state.stage.index !== index) enterStage(index)
        found.push(...(await functions.products()))
      }
      if (state.stage.index !== first) enterStage(first)
      return found
    },
    useKernels(choices) {
      functions.forget()
      forget()
      state.matmulChoices = choices
    },
    step(request) {
      forget()
      return submitStep(state, functions, request)
    },
    stepTimed(request) {
      forget()
      return submitTimed(state, functions, request)
    },
    evaluate: (batch) => evaluate(state, functions, batch),
    nextLogits: (tokens) => taken(state, reader.nextLogits(tokens)),
    nextOfEach: (batch, row) => taken(state, sequences.next(batch, row)),
    attentionOfEach: (batch) => attention(state, functions, batch),
    scoresAt: (batch, places) => recall(state, functions, { batch, places }),
    exportState: () => exportTensors(state),
    importState(tensors, what) {
      forget()
      importTensors(state, tensors, what)
    },
    findNonFinite: (request) => findNonFinite(state, request),
    dispose() {
      functions.dispose()
      state.stage.dispose()
      weights.dispose()
    },
  }
}

function memoryOf({ weights, stage }: SessionState, functions: Functions): SessionMemory {
  const { gradients, spareGradients, slots } = stage.updater
  return {
    parameters: weights.sizeBytes,
    gradients: (gradients?.sizeBytes ?? 0) + (spareGradients?.sizeBytes ?? 0),
    optimizer: [...slots.values(), ...(stage.average ? [stage.average.store] : [])].reduce(
      (sum, { sizeBytes }) => sum + sizeBytes,
      0,
    ),
    activations: functions.activationBytes,
    workspace: functions.workspaceBytes - functions.activationBytes,
    other: functions.otherBytes + stage.lossStates.sizeBytes,
  }
}

function plannedMemory(state: SessionState, functions: Functions): SessionMemory | null {
  const placement = functions.planStep()
  if (placement === null) return null
  const backend = currentBackend()
  if (backend instanceof LabBackend) checkPlaces(backend.device.limits, placement)
  return { ...memoryOf(state, functions), ...stepBytes(placement) }
}

/** Numbers that were waited for; a fault of the device is thrown instead. */
async function taken<T>({ device }: SessionState, values: Promise<T>): Promise<T> {
  try {
    return await values
  } finally {
    device.throwIfFailed()
  }
}

function submitStep(state: SessionState, functions: Functions, request: StepRequest): PendingReadings {
  const step = functionFor(state, functions, request)
  return readingsOf(state, step, step.call(request))
}

function submitTimed(state: SessionState, functions: Functions, request: StepRequest): TimedStep {
  const step = functionFor(state, functions, request)
  const { pending, times } = step.callTimed(request)
  const profile = async (): Promise<Omit<StepProfile, 'hostMs' | 'dataMs'>> => {
    const dispatches = await times
    const placement = step.device.program?.placement
    return {
      dispatches,
      ...(step.device.submits !== null && { submits: step.device.submits }),
      memory: memoryOf(state, functions),
      unplannedBytes: placement?.unplannedBytes ?? 0,
      lowerBoundBytes: placement?.lowerBoundBytes ?? 0,
      peaks: await measureDevicePeaks(),
    }
  }
  return { pending: readingsOf(state, step, pending), profile: profile() }
}

function functionFor(state: SessionState, functions: Functions, { batches }: StepRequest): StepFunction {
  state.device.throwIfFailed()
  batches.forEach((batch) => checkBatch(batch, state.arraySpecs))
  return functions.step(batches)
}

function readingsOf(
  state: SessionState,
  { partNames }: StepFunction,
  pending: PendingValues,
): PendingReadings {
  const towers = learningTowers(state.stage.updater)
  return {
    async read() {
      const [, gradNorm, loss, ...others] = await taken(state, pending.read())
      const norms = others.slice(partNames.length)
      return {
        loss: loss!,
        gradNorm: gradNorm!,
        parts: Object.fromEntries(partNames.map((name, i) => [name, others[i]!])),
        ...(towers.length > 0 && { towerNorms: byNumber(state, towers, norms) }),
      }
    },
    discard: () => pending.discard(),
  }
}

/** Of all towers of the model; 0 of those that do not learn. */
function byNumber({ model }: SessionState, towers: readonly number[], norms: readonly number[]): number[] {
  const all = model.towers.map(() => 0)
  towers.forEach((tower, i) => (all[tower] = norms[i]!))
  return all
}

async function evaluate(state: SessionState, functions: Functions, batch: Batch): Promise<Evaluation> {
  checkBatch(batch, state.arraySpecs)
  const loss = functions.loss(shapeOf(batch))
  await loss.prepared()
  const values = await taken(state, loss.call(batch.arrays, 0).read())
  return { loss: values[0]!, measured: values.subarray(1) }
}

async function attention(state: SessionState, functions: Functions, batch: Batch): Promise<Float32Array> {
  const arrays = writtenOf(state, batch)
  const attention = functions.attention(shapeOf({ ...batch, arrays }))
  return taken(state, attention.call({ ...arrays, row: Int32Array.of(0) }, 0).read())
}

function recall(
  state: SessionState,
  functions: Functions,
  { batch, places }: { batch: Batch; places: Int32Array },
): Promise<Float32Array> {
  const specs = Object.fromEntries(Object.entries(state.arraySpecs).filter(([, { isTarget }]) => !isTarget))
  const arrays = Object.fromEntries(Object.keys(specs).map((name) => [name, batch.arrays[name]!]))
  checkBatch({ ...batch, arrays }, specs)
  const values = functions.recall(shapeOf({ ...batch, arrays }), places.length)
  return taken(state, values.call({ ...arrays, places }, 0).read())
}

async function findNonFinite(state: SessionState, request: StepRequest | null): Promise<string | null> {
  const weights = await state.weights.read()
  const broken = [...weights].find(([, data]) => hasNonFinite(data))
  if (broken) return broken[0]
  if (request === null) return null
  const { losses, gradients } = await gradientsOnHost(state, request)
  const learner = [...gradients].find(([, data]) => hasNonFinite(data))
  if (learner) return `gradient of ${learner[0]}`
  return hasNonFinite(losses) ? 'loss' : null
}
