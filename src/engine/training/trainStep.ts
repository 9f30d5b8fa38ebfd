import { canonicalJson } from '../../core/canonicalJson.ts'
import { defaultsOf } from '../../core/schema.ts'
import { LabBackend } from '../backend/labBackend.ts'
import type { BufferRange } from '../backend/plannedBuffer.ts'
import {
  add,
  backend as currentBackend,
  clone,
  concat,
  dispose,
  keep,
  mul,
  reshape,
  variableGrads,
  zeros,
  type Scalar,
  type Tensor,
  type Tensor1D,
  type Variable,
} from '../backend/tfjs.ts'
import { clipByValue, clipByValueTwin } from '../kernels/clipByValue/clipByValue.ts'
import { addPage } from '../kernels/flatUpdate/addPage.ts'
import { withGradientPlaces } from '../kernels/gradientOutput.ts'
import { balance } from '../losses/balance.ts'
import { taughtKinds } from '../losses/lossInputs.ts'
import { losses as allLosses } from '../losses/registry.ts'
import { memoriesOf, namedStates } from '../losses/stageMemory.ts'
import { computeLosses, weightedSum } from '../losses/weightedSum.ts'
import { plainPass, type PassSetting } from '../models/modelInputs.ts'
import { dropoutSites } from '../nn/dropoutSites.ts'
import type { Weights } from '../nn/parameter.ts'
import type { Moment, Updater } from '../optim/updater.ts'
import type { Predict, TaskBatch } from '../tasks/defineTask.ts'
import type { TensorStore } from '../parameters/tensorStore.ts'
import { storedIn } from './precision.ts'
import { towerNorms } from './towerNorms.ts'
import type { SessionState } from './trainSessionState.ts'
import { lossSizes } from './weightSpecs.ts'

/** One of the batches that an update adds up. */
export interface MicroBatch extends TaskBatch {
  /** Factor on loss and gradients; null for 1. */
  readonly share: Scalar | null
}

export interface StepInputs {
  readonly microBatches: readonly MicroBatch[]
  /** How much each loss counts in this update: [n]; null where that does not change. */
  readonly lossWeights: Tensor1D | null
  /** Updates finished before this one, on the host and, where there is a GPU, on the device. */
  readonly step: number
  readonly counter: Tensor1D | null
  /** Gradient checkpointing is on. */
  readonly isCheckpointed: boolean
}

/** Sums over micro-batches, on the device. */
export interface Accumulated {
  /** One for each learner; null where they lie in the updater's flat buffers. */
  readonly gradients: readonly Tensor[] | null
  /** The loss, then its parts. */
  readonly readings: readonly Scalar[]
  readonly partNames: readonly string[]
  /** What the losses keep after the last of them, by name. */
  readonly lossState: ReadonlyMap<string, Tensor>
}

export interface LossSetting extends Pick<PassSetting, 'drawAt' | 'stored' | 'isCheckpointed'> {
  readonly weights: TensorStore
  /** What the stage's losses keep, by name. */
  readonly lossState: Weights
}

/** What the losses of a stage read, and what they keep, for one batch by these weights. */
function readingOf(state: SessionState, batch: TaskBatch, { weights, lossState, ...setting }: LossSetting) {
  const { model, config, task, stage, facts } = state
  const { areLogitsInParts, average } = stage
  const through =
    ({ variables }: TensorStore, pass: PassSetting): Predict =>
    (request) =>
      model.forward(config.model, variables, request, pass)
  const { losses } = stage.config
  const isTaught = losses.some(({ name }) => taughtKinds.has(allLosses.get(name).accepts))
  const input = task.forward(
    through(weights, { ...setting, areLogitsInParts }),
    batch,
    isTaught ? through(average?.store ?? weights, { ...plainPass, stored: setting.stored }) : null,
  )
  const kept = { weights: weights.variables, state: lossState }
  return { input, kept, memories: memoriesOf(losses, lossSizes(config, stage.config, facts), kept) }
}

/** Mean loss of one batch, by the weights of the settings, and what the task's metrics are made from; null where that is nothing of it. */
export function evaluationOf(
  state: SessionState,
  batch: TaskBatch,
  setting: LossSetting,
): { loss: Scalar; measured: Tensor1D | null } {
  const { losses } = state.stage.config
  const { input, memories } = readingOf(state, batch, setting)
  const loss = weightedSum(losses, input, memories).total
  const measured = state.task.measure?.(input, batch, (name, changed) => {
    const params = { ...defaultsOf(allLosses.get(name).fields), ...changed }
    const isTheSame =
      losses.length === 1 &&
      losses[0]!.weight === 1 &&
      losses[0]!.name === name &&
      canonicalJson(losses[0]!.params) === canonicalJson(params)
    return isTheSame ? loss : computeLosses([{ name, params }], input).values[0]!
  })
  return { loss, measured: measured ?? null }
}

/** The same as a step makes small: in its phase and balance, with what the losses keep after it. */
function trainedLossOf(
  state: SessionState,
  batch: TaskBatch,
  { lossWeights, ...setting }: LossSetting & { lossWeights: Tensor1D | null },
) {
  const { config } = state.stage
  const { input, memories, kept } = readingOf(state, batch, setting)
  const { values, parts, states } = computeLosses(config.losses, input, memories)
  const { total, state: ofBalance } = balance(config, values, { weights: lossWeights, kept })
  return { total, parts, lossState: new Map([...namedStates(config.losses, states), ...ofBalance]) }
}

function gradientsOf(
  state: SessionState,
  { step, counter, microBatches, lossWeights, isCheckpointed }: StepInputs,
  { index, lossState }: { index: number; lossState: Weights },
): Omit<Accumulated, 'gradients'> & { gradients: readonly (Tensor | undefined)[] } {
  const { config, stage } = state
  const batch = microBatches[index]!
  const drawAt = dropoutSites({ seed: config.seed, step, microBatch: index, counter })
  const scale = (value: Scalar): Scalar => (batch.share === null ? value : mul(value, batch.share))
  const aside: Pick<Accumulated, 'readings' | 'partNames' | 'lossState'>[] = []
  const parameters = stage.updater.learners.map(({ spec }): Variable =>
    state.weights.variables.get(spec.name)!,
  )
  const { value, grads } = variableGrads(() => {
    const stored = storedIn(stage.config)
    const setting = { drawAt, stored, isCheckpointed, weights: state.weights, lossState, lossWeights }
    const { total, parts, lossState: after } = trainedLossOf(state, batch, setting)
    const scaled = scale(total)
    const readings = [...parts.values()].map((part) => keep(scale(part)))
    const next = new Map([...after].map(([name, tensor]) => [name, keep(clone(tensor))]))
    aside.push({ readings, partNames: [...parts.keys()], lossState: next })
    const backend = currentBackend()
    if (backend instanceof LabBackend) backend.endForward()
    return scaled
  }, parameters)
  const { readings, ...others } = aside[0]!
  return {
    gradients: parameters.map(({ name }): Tensor | undefined => grads[name]),
    readings: [value, ...readings],
    ...others,
  }
}

/** Adds up and frees the terms, so that only one sum of gradients lives beside the micro-batch at work. */
function plus(a: Accumulated, b: Accumulated): Accumulated {
  const sum = <T extends Tensor>(left: T, right: T): T => {
    const total: T = add(left, right)
    left.dispose()
    right.dispose()
    return total
  }
  const gradients = a.gradients?.map((gradient, i) => sum(gradient, b.gradients![i]!)) ?? null
  const readings = a.readings.map((reading, i) => sum(reading, b.readings[i]!))
  dispose([...a.lossState.values()])
  return { gradients, readings, partNames: a.partNames, lossState: b.lossState }
}

/** Copies a gradient that was not written into its place: one that several uses of a weight, or tfjs, added up. */
function land(backend: LabBackend, gradient: Tensor, place: BufferRange): void {
  const { buffer, offset } = backend.rangeOf(gradient)
  if (buffer !== place.buffer || offset !== place.offset) backend.copy(gradient, place)
}

/** Into the updater's flat buffers: the first batch's straight away, the others' by way of spare ones. */
function accumulateFlat(state: SessionState, inputs: StepInputs, backend: LabBackend): Accumulated {
  const { updater } = state.stage
  const total = updater.gradients!
  const termOf = (index: number, lossState: Weights): Accumulated => {
    const store = index === 0 ? total : updater.spareGradients!
    const places = updater.placesIn(store)
    const term = withGradientPlaces(places, () => gradientsOf(state, inputs, { index, lossState }))
    updater.learners.forEach(({ spec }, i) => {
      const gradient = term.gradients[i]
      const { dataId } = state.weights.variables.get(spec.name)!
      // A weight that the loss does not depend on keeps the zeros of the beginning.
      if (gradient !== undefined) land(backend, gradient, places.get(dataId)!)
    })
    if (index > 0) store.pages.forEach((page, i) => addPage(backend, total.pages[i]!, page))
    return { ...term, gradients: null }
  }
  return sumOf(state, inputs, termOf)
}

/** Terms of all batches, each with what the losses kept after the one before it. */
function sumOf(
  { stage }: SessionState,
  { microBatches }: StepInputs,
  termOf: (index: number, lossState: Weights) => Accumulated,
): Accumulated {
  let total = termOf(0, stage.lossStates)
  for (let index = 1; index < microBatches.length; index++)
    total = plus(total, termOf(index, total.lossState))
  return total
}

/** Loss and gradients of all batches of an update, as if they were one. Call within `tidy`. */
export function accumulate(state: SessionState, inputs: StepInputs): Accumulated {
  const backend = currentBackend()
  if (backend instanceof LabBackend) return accumulateFlat(state, inputs, backend)
  return sumOf(state, inputs, (index, lossState): Accumulated => {
    const { gradients, ...term } = gradientsOf(state, inputs, { index, lossState })
    const all = state.stage.updater.learners.map(({ spec }, i) => gradients[i] ?? zeros([...spec.shape]))
    return { ...term, gradients: all }
  })
}

/**
 * Every number within a limit, unless that is 0.
 * @param gradients null where they lie in the updater's flat buffers, which are changed in place
 */
function clipValues(
  gradients: readonly Tensor[] | null,
  { gradients: store }: Updater,
  limit: number,
): readonly Tensor[] | null {
  if (limit === 0) return gradients
  const backend = currentBackend()
  if (backend instanceof LabBackend) store!.pages.forEach((page) => clipByValue(backend, page, limit))
  return gradients?.map((gradient) => clipByValueTwin(gradient, limit)) ?? null
}

/**
 * One update: forward, backward, accumulate, clip, optimizer. Nothing waits for the device. Call within `tidy`.
 * @returns float32 [clip factor, gradient norm before clipping, loss, ...parts, ...gradient norms of the towers that learn,
 *   where they are balanced], and the names of the parts
 */
export function trainStep(
  state: SessionState,
  inputs: StepInputs,
  moment: Moment,
): { readings: Tensor1D; partNames: readonly string[] } {
  const { updater, average, lossStates, config } = state.stage
  const { gradients: whole, readings, partNames, lossState } = accumulate(state, inputs)
  const gradients = clipValues(whole, updater, config.gradClipValue)
  const norms = towerNorms(updater, gradients)
  const limit = { maxNorm: config.gradClipNorm, kind: config.gradClipNormKind }
  const clip = updater.apply(gradients, moment, limit)
  average?.update(clip)
  lossStates.update(lossState, clip)
  dispose([...lossState.values()])
  const scalars = readings.map((reading): Tensor1D => reshape(reading, [1]))
  const all = concat([clip, ...scalars, ...norms])
  // Parts were kept beyond the tape.
  dispose([...readings])
  return { readings: all, partNames }
}
