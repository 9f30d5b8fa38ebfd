import { BunsenError } from '../../core/errors.ts'
import { concat, dispose, keep, reshape, type Scalar, type Tensor, type Tensor1D } from '../backend/tfjs.ts'
import {
  createDeviceFunction,
  type DeviceFunction,
  type DeviceFunctionOptions,
  type PendingValues,
  type Values,
} from '../graph/deviceFunction.ts'
import type { FeedShape } from '../graph/feeds.ts'
import { stepCounterWords } from '../kernels/dropout/stepCounter.ts'
import { withMatmulChoices } from '../kernels/matmul/chooseMatmul.ts'
import { areWeightsFed, weightAt } from '../losses/balance.ts'
import { seqLenOf } from '../models/seqLenOf.ts'
import { logitsOf, plainPass } from '../models/modelInputs.ts'
import type { StoredKeyValues } from '../nn/keyValueCache.ts'
import { factOf, type Predict } from '../tasks/defineTask.ts'
import { evaluatedWeights, type SessionState } from './trainSessionState.ts'
import { accumulate, evaluationOf, trainStep, type StepInputs } from './trainStep.ts'
import { shareOfEach, type Batch, type StepRequest } from './trainStepBatch.ts'

/** Sizes that a function is made for: all batches of an update have the same. */
export interface StepShape {
  readonly microBatches: number
  readonly batch: BatchShape
}

export interface BatchShape {
  readonly batchSize: number
  /** Elements of each array. */
  readonly lengths: Readonly<Record<string, number>>
}

export type FunctionSetting = Pick<DeviceFunctionOptions<string>, 'workspace' | 'isEager'>

/** An update from batches on the host. */
export interface StepFunction {
  readonly device: DeviceFunction<string>
  /** Names of the loss's parts, known once it was recorded or called. */
  readonly partNames: readonly string[]
  call(request: StepRequest): PendingValues
  callTimed(request: StepRequest): ReturnType<DeviceFunction<string>['callTimed']>
}

/** float32 [clip factor, gradient norm, loss, ...parts, ...gradient norms of towers] of an update of the weights. */
export function createStepFunction(
  state: SessionState,
  shape: StepShape,
  setting: FunctionSetting,
): StepFunction {
  return stepFunction(state, { shape, setting, onGradients: null })
}

interface StepFunctionOptions {
  readonly shape: StepShape
  readonly setting: FunctionSetting
  /** Instead of an update: takes the gradients, null where they lie in the updater's flat buffers. */
  readonly onGradients: ((gradients: readonly Tensor[] | null) => void) | null
}

function stepFunction(
  state: SessionState,
  { shape, setting, onGradients }: StepFunctionOptions,
): StepFunction {
  const { updater } = state.stage
  const { microBatches, batch } = shape
  const { batchSize } = batch
  const names = Object.keys(batch.lengths)
  if (microBatches > 1) updater.makeSpare()
  const indices = Array.from({ length: microBatches }, (_, index) => index)
  const ofBatch = batchFeeds(state, batch)
  const feeds: Record<string, FeedShape> = {
    counter: { dtype: 'int32', length: 2 },
    moment: { dtype: 'float32', length: updater.momentLength },
  }
  const { config: stageConfig } = state.stage
  // Before the step is recorded: it may take a recording of its own.
  const isCheckpointed = state.stage.isCheckpointed()
  const isWeighted = areWeightsFed(stageConfig)
  if (isWeighted) feeds['loss weights'] = { dtype: 'float32', length: stageConfig.losses.length }
  for (const index of indices) {
    for (const name of names) feeds[`${name} ${index}`] = ofBatch[name]!
    if (microBatches > 1) feeds[`share ${index}`] = { dtype: 'float32', length: 1 }
  }
  // The optimizer on the CPU takes its numbers from the host.
  let latest: StepRequest | null = null
  let partNames: readonly string[] = []
  const device = createSessionFunction<string>(state, {
    ...setting,
    feeds,
    run(inputs, host) {
      const stepInputs: StepInputs = {
        step: host,
        counter: inputs.range('counter') && inputs.tensor('counter'),
        isCheckpointed,
        lossWeights: isWeighted ? inputs.tensor('loss weights') : null,
        microBatches: indices.map((index) => ({
          arrays: Object.fromEntries(names.map((name) => [name, inputs.tensor(`${name} ${index}`)])),
          share: microBatches > 1 ? (reshape(inputs.tensor(`share ${index}`), []) as Scalar) : null,
          batchSize,
          facts: state.facts,
        })),
      }
      if (onGradients !== null) {
        const sum = accumulate(state, stepInputs)
        onGradients(sum.gradients)
        const all = concat(sum.readings.map((reading): Tensor1D => reshape(reading, [1])))
        dispose([...sum.lossState.values(), ...sum.readings])
        return all
      }
      const moment = {
        learningRate: latest?.learningRate ?? 0,
        towerRates: latest?.towerRates,
        step: (latest?.stageStep ?? 0) + 1 - state.stage.phaseStart,
        numbers: inputs.range('moment'),
      }
      const result = trainStep(state, stepInputs, moment)
      partNames = result.partNames
      return result.readings
    },
  })
  return {
    device,
    get partNames() {
      return partNames
    },
    call(request) {
      latest = request
      return device.call(valuesOf(state, request), request.step)
    },
    callTimed(request) {
      latest = request
      return device.callTimed(valuesOf(state, request), request.step)
    },
  }
}

/** A function whose matrix products are made by the session's kernels. */
export function createSessionFunction<Name extends string>(
  state: SessionState,
  options: DeviceFunctionOptions<Name>,
): DeviceFunction<Name> {
  return createDeviceFunction({
    ...options,
    run: (inputs, host) => withMatmulChoices(state.matmulChoices, () => options.run(inputs, host)),
  })
}

/** Losses [loss, ...parts] and the gradients by name of an update that is not made. */
export async function gradientsOnHost(
  state: SessionState,
  request: StepRequest,
): Promise<{ losses: Float32Array; gradients: Map<string, Float32Array> }> {
  const { updater } = state.stage
  let loose: Tensor[] = []
  const compute = stepFunction(state, {
    shape: { microBatches: request.batches.length, batch: shapeOf(request.batches[0]!) },
    setting: { workspace: null, isEager: true },
    onGradients: (gradients) => (loose = (gradients ?? []).map(keep)),
  })
  try {
    const losses = await compute.call(request).read()
    if (updater.gradients !== null) return { losses, gradients: await updater.gradients.read() }
    const data = await Promise.all(loose.map((gradient) => gradient.data<'float32'>()))
    const names = updater.learners.map(({ spec }) => spec.name)
    return { losses, gradients: new Map(names.map((name, i) => [name, data[i]!])) }
  } finally {
    dispose(loose)
    compute.device.dispose()
  }
}

function valuesOf(state: SessionState, request: StepRequest): Values<string> {
  const { updater } = state.stage
  const { batches, learningRate, step, stageStep, towerRates } = request
  const values: Record<string, Int32Array | Float32Array> = {
    counter: stepCounterWords(step),
    moment: updater.numbers({
      learningRate,
      towerRates,
      step: stageStep + 1 - state.stage.phaseStart,
    }),
  }
  const { config } = state.stage
  if (areWeightsFed(config)) {
    const { lossWeights } = request
    const weights = config.losses.map((loss, i) => lossWeights?.[i] ?? weightAt(loss, stageStep))
    values['loss weights'] = Float32Array.from(weights)
  }
  const shares = shareOfEach(batches, state.arraySpecs)
  batches.forEach(({ arrays }, index) => {
    for (const [name, array] of Object.entries(arrays)) values[`${name} ${index}`] = array
    if (batches.length > 1) values[`share ${index}`] = Float32Array.of(shares[index]!)
  })
  return values
}

/** Elements of each array of a batch. */
export function shapeOf({ arrays, batchSize }: Batch): BatchShape {
  const lengths = Object.fromEntries(Object.entries(arrays).map(([name, { length }]) => [name, length]))
  return { batchSize, lengths }
}

/** A feed for each array of a batch. */
export function batchFeeds({ arraySpecs }: SessionState, { lengths }: BatchShape): Record<string, FeedShape> {
  const feeds = Object.entries(lengths).map(([name, length]) => [
    name,
    { dtype: arraySpecs[name]!.dtype, length },
  ])
  return Object.fromEntries(feeds) as Record<string, FeedShape>
}

/** float32 [loss, ...what metrics are made from] of a batch without dropout, in f32 whatever the stage trains in. */
export function createLossFunction(
  state: SessionState,
  shape: BatchShape,
  setting: FunctionSetting,
): DeviceFunction<string> {
  const { batchSize } = shape
  return createSessionFunction<string>(state, {
    ...setting,
    feeds: batchFeeds(state, shape),
    run(inputs) {
      const names = Object.keys(shape.lengths)
      const arrays = Object.fromEntries(names.map((name) => [name, inputs.tensor(name)]))
      const batch = { arrays, batchSize, facts: state.facts }
      const setting = {
        drawAt: plainPass.drawAt,
        stored: 'f32' as const,
        isCheckpointed: false,
        weights: evaluatedWeights(state),
        lossState: state.stage.lossStates,
      }
      const { loss, measured } = evaluationOf(state, batch, setting)
      const mean: Tensor1D = reshape(loss, [1])
      return measured === null ? mean : concat([mean, measured])
    },
  })
}

/** float32 [places * V], of a task that finds hidden tokens: scores of so many places of sequences of `shape`. */
export function createRecallFunction(
  state: SessionState,
  { shape, places }: { shape: BatchShape; places: number },
  setting: FunctionSetting,
): DeviceFunction<string> {
  const { model, config, facts, task } = state
  const { recalling } = task
  if (recalling === undefined)
    throw new BunsenError(`Task ${task.id}: must hide tokens, and does not`, { code: 'no-recalling' })
  return createSessionFunction<string>(state, {
    ...setting,
    feeds: { ...batchFeeds(state, shape), places: { dtype: 'int32', length: places } },
    run(inputs) {
      const { variables } = evaluatedWeights(state)
      const pass = { ...plainPass, areLogitsInParts: true }
      const predict: Predict = (request) => model.forward(config.model, variables, request, pass)
      const names = Object.keys(shape.lengths)
      const arrays = Object.fromEntries(names.map((name) => [name, inputs.tensor(name)]))
      const batch = { arrays, batchSize: shape.batchSize, facts }
      return reshape(recalling.scores(predict, batch, inputs.tensor('places')), [-1])
    },
  })
}

/**
 * float32 [vocabSize]: logits after one token at its place, whose keys and values are kept in `kept` for the tokens after it.
 */
export function createTokenFunction(
  state: SessionState,
  kept: StoredKeyValues,
  setting: FunctionSetting,
): DeviceFunction<'ids' | 'row'> {
  const { model, config, facts } = state
  return createSessionFunction(state, {
    ...setting,
    feeds: { ids: { dtype: 'int32', length: 1 }, row: { dtype: 'int32', length: 1 } },
    run(inputs) {
      const cache = kept.at(inputs.tensor('row'))
      const tokens = { ids: inputs.tensor('ids'), batchSize: 1, seqLen: 1, mask: null, onlyRow: null, cache }
      const { variables } = evaluatedWeights(state)
      return reshape(logitsOf(model.forward(config.model, variables, { tokens }, plainPass)), [
        factOf(facts, 'vocabSize'),
      ])
    },
  })
}

/**
 * float32 [vocabSize]: logits at one row of a sequence as long as the model reads.
 * @param kept takes what its layers keep; null where they keep nothing
 */
export function createLogitsFunction(
  state: SessionState,
  kept: StoredKeyValues | null,
  setting: FunctionSetting,
): DeviceFunction<'ids' | 'row'> {
  const { model, config, facts } = state
  const seqLen = seqLenOf(config)
  return createSessionFunction(state, {
    ...setting,
    feeds: { ids: { dtype: 'int32', length: seqLen }, row: { dtype: 'int32', length: 1 } },
    run(inputs) {
      const tokens = {
        ids: inputs.tensor('ids'),
        batchSize: 1,
        seqLen,
        mask: null,
        onlyRow: inputs.tensor('row'),
        cache: kept?.ofAll() ?? null,
      }
      const { variables } = evaluatedWeights(state)
      return reshape(logitsOf(model.forward(config.model, variables, { tokens }, plainPass)), [
        factOf(facts, 'vocabSize'),
      ])
    },
  })
}
