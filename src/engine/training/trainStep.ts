import {
  add,
  concat,
  keep,
  mul,
  reshape,
  stack,
  tensor1d,
  tidy,
  variableGrads,
  type Scalar,
  type Tensor,
  type Tensor1D,
} from '../backend/tfjs.ts'
import { weightedSum, type StageLoss } from '../losses/weightedSum.ts'
import { dropoutSites, type DropoutAt } from '../nn/dropoutSites.ts'
import { clipByGlobalNorm } from '../optim/clip.ts'
import type { SessionState } from './trainSessionState.ts'
import { checkBatch, shareOfEach, type Batch } from './trainStepBatch.ts'

export interface StepRequest {
  /** Updates finished before this one, over all stages. */
  readonly step: number
  /** The same within the stage. */
  readonly stageStep: number
  /** As many as the stage's accumulationSteps. */
  readonly batches: readonly Batch[]
  /** What the schedule gives for this update. */
  readonly learningRate: number
}

/** Sums over micro-batches, on the device. */
export interface Accumulated {
  /** One for each learner. */
  readonly gradients: readonly Tensor[]
  /** The loss, then its parts. Kept: whoever takes it disposes it. */
  readonly readings: Tensor1D
  readonly partNames: readonly string[]
}

/** Mean loss of one batch with the stage's losses. */
export function lossOf(state: SessionState, batch: Batch, dropoutAt: DropoutAt): StageLoss {
  const { model, config, weights, task, stage } = state
  const ids = tensor1d(batch.inputs, 'int32')
  const targets = tensor1d(batch.targets, 'int32')
  const { batchSize, seqLen } = batch
  const input = task.forward((request) => model.forward(config.model, weights, { ...request, dropoutAt }), {
    ids,
    targets,
    batchSize,
    seqLen,
  })
  return weightedSum(stage.config.losses, input)
}

interface MicroBatch {
  readonly batch: Batch
  readonly index: number
  readonly step: number
  /** Factor on loss and gradients. */
  readonly share: number
}

function gradientsOf(state: SessionState, { batch, index, step, share }: MicroBatch): Accumulated {
  const { config, model, stage } = state
  const rate = model.dropoutRate(config.model)
  const dropoutAt = dropoutSites({ seed: config.seed, rate, step, microBatch: index, counter: null })
  const scale = (value: Scalar): Scalar => (share === 1 ? value : mul(value, share))
  const aside: Pick<Accumulated, 'readings' | 'partNames'>[] = []
  const parameters = stage.learners.map(({ parameter }) => parameter)
  const { grads } = variableGrads(() => {
    const { total, parts } = lossOf(state, batch, dropoutAt)
    const scaled = scale(total)
    const readings = keep(stack([scaled, ...[...parts.values()].map(scale)])) as Tensor1D
    aside.push({ readings, partNames: [...parts.keys()] })
    return scaled
  }, parameters)
  return { gradients: parameters.map(({ name }) => grads[name]!), ...aside[0]! }
}

/** Adds up and frees the terms, so that only one sum of gradients lives beside the micro-batch at work. */
function plus(a: Accumulated, b: Accumulated): Accumulated {
  const gradients = a.gradients.map((gradient, i) => add(gradient, b.gradients[i]!))
  const readings = keep(add(a.readings, b.readings)) as Tensor1D
  for (const used of [...a.gradients, ...b.gradients, a.readings, b.readings]) used.dispose()
  return { gradients, readings, partNames: a.partNames }
}

/**
 * Loss and gradients of all batches of an update, as if they were one. Call within `tidy`, and dispose `readings`.
 * Throws what {@link checkBatch} and {@link shareOfEach} throw, before anything is computed.
 */
export function accumulate(state: SessionState, { batches, step }: StepRequest): Accumulated {
  batches.forEach((batch) => checkBatch(batch, state.vocabSize))
  const terms = shareOfEach(batches).map((share, index) => ({ batch: batches[index]!, index, step, share }))
  const [first, ...others] = terms.filter(({ share }) => share > 0)
  return others.reduce((sum, term) => plus(sum, gradientsOf(state, term)), gradientsOf(state, first!))
}

/**
 * One update: forward, backward, accumulate, clip, optimizer. Only submits work; nothing waits for the device.
 * Returns [gradient norm before clipping, loss, ...parts] and the names of the parts.
 */
export function trainStep(
  state: SessionState,
  request: StepRequest,
): { readings: Tensor1D; partNames: readonly string[] } {
  const { optimizer, config, learners } = state.stage
  let partNames: readonly string[] = []
  const readings = tidy(() => {
    const sum = accumulate(state, request)
    partNames = sum.partNames
    const { norm, factor } = clipByGlobalNorm(sum.gradients, config.gradClipNorm)
    learners.forEach(({ spec, parameter, slots, learningRateMultiplier }, i) => {
      optimizer.update(
        config.optimizer,
        { kind: spec.kind, parameter, slots, gradient: sum.gradients[i]! },
        {
          learningRate: request.learningRate * learningRateMultiplier,
          step: request.stageStep + 1,
          clipFactor: factor,
        },
      )
    })
    const all = concat([reshape(norm, [1]) as Tensor1D, sum.readings])
    sum.readings.dispose()
    return all
  })
  return { readings, partNames }
}
