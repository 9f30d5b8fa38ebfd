import type { DeviceError } from '../../core/errors.ts'
import { totalStepsOf, type RunConfig, type StageConfig, type UpdatePlace } from '../../core/runConfig.ts'
import { learningRateAt } from '../optim/schedules/learningRate.ts'
import { phaseStart } from '../optim/components.ts'
import { seqLenOf } from '../models/seqLenOf.ts'
import { tasks } from '../tasks/registry.ts'
import { divergence } from './divergence.ts'
import balanceTowers from './hooks/balanceTowers.ts'
import checkpoint from './hooks/checkpoint.ts'
import earlyStopping from './hooks/earlyStopping.ts'
import evaluate from './hooks/evaluate.ts'
import notice from './hooks/notice.ts'
import refreshNeighbours from './hooks/refreshNeighbours.ts'
import restoreBest from './hooks/restoreBest.ts'
import sample from './hooks/sample.ts'
import { baseLearningRate, lossWeightsAt, noteEdits } from './liveEdits.ts'
import { addReading, emptyHistory } from './notices/history.ts'
import { medianProfile } from './medianProfile.ts'
import type { Neighbours } from './neighbours.ts'
import { ReadBack } from './readBack.ts'
import type { Hook, LiveControls, RunContext, RunData, RunProgress, TrainHost } from './runContext.ts'
import type { StepRequest, TrainSession } from './trainSession.ts'
import { addNorms, freshTowers } from './towerBalance.ts'
import type { StepProfile, TrainEvent } from './types.ts'

export interface TrainRunOptions {
  session: TrainSession
  config: RunConfig
  data: RunData
  host: TrainHost
  controls: LiveControls
  /** From a checkpoint, or {@link freshProgress}. The session must hold the matching tensors. */
  progress: RunProgress
  /**
   * Leave off after this many updates in all, with a checkpoint; null: at the configuration's end. The schedule is
   * the configuration's either way, so that going on later equals never having stopped. Past the configuration's
   * end the last stage goes on at its final rate.
   */
  limit: number | null
}

/** So many steps in a row are timed for one profile, which gets better with each. */
const stepsOfProfile = 5

/** Order matters: an evaluation decides what is best, the best decides what is kept. */
const hooks: readonly Hook[] = [
  evaluate,
  notice,
  balanceTowers,
  earlyStopping,
  restoreBest,
  refreshNeighbours,
  checkpoint,
  sample,
]

export function freshProgress(): RunProgress {
  return {
    step: 0,
    stageIndex: 0,
    stageStep: 0,
    elapsedMs: 0,
    best: null,
    evaluationsSinceBest: 0,
    edits: [],
    latest: {},
    kernels: null,
    towers: null,
    neighbours: null,
  }
}

/**
 * The one trainer: an update of the weights and what is due after it, told as events, in batches. Pause: stop pulling
 * once `controls.demands` no longer holds a `checkpoint` that was asked for. Stop: the same, then `return()`.
 *
 * @throws DeviceError `non-finite` with the step and the tensor's name; checkpoints of before are kept.
 */
export async function* trainRun(options: TrainRunOptions): AsyncGenerator<TrainEvent[]> {
  const { session, config, data, host, controls, progress, limit } = options
  const totalSteps = limit ?? totalStepsOf(config)
  const lastKept = { atMs: host.now(), tookMs: 0 }
  const said = new Set<string>()
  const kept: RunContext['kept'] = { best: null }
  yield [{ type: 'phase', phase: trainingPhase(progress.step, totalSteps) }]

  for (; progress.stageIndex < config.stages.length; nextStage(progress)) {
    const stage = config.stages[progress.stageIndex]!
    if (session.stageIndex !== progress.stageIndex) session.enterStage(progress.stageIndex)
    const { step: atStep, stageIndex: index, stageStep: doneBefore } = progress
    yield [{ type: 'stage', step: atStep, index, fromStep: atStep - doneBefore }]
    yield* compiling(session, progress, totalSteps)
    const isLastStage = progress.stageIndex === config.stages.length - 1
    const isOver = () => progress.stageStep >= stage.totalSteps && !(isLastStage && limit !== null)
    const isAtLimit = () => limit !== null && progress.step >= limit
    const readBack = new ReadBack(host, throughputOf(config, stage))
    const history = emptyHistory(progress.stageStep === 0)
    let hostMs = 0
    let dataMs = 0
    let ahead: Ahead | null = null
    const batchesAt = (place: UpdatePlace): StepRequest['batches'] => {
      const startedAt = host.now()
      const batches = batchesOf(stage, data, { ...place, neighbours: progress.neighbours })
      dataMs = host.now() - startedAt
      return batches
    }
    const timed: StepProfile[] = []
    let timesLeft = 0
    let stopReason = hasStoppedEarly(stage, progress) ? 'stopped before it was saved' : null

    while (!isOver() && !isAtLimit() && stopReason === null) {
      const start = phaseStart(stage.components, progress.stageStep)
      if (start !== session.phaseStart) {
        session.enterStage(progress.stageIndex, start)
        yield* compiling(session, progress, totalSteps)
        readBack.restartClock()
      }
      const events: TrainEvent[] = []
      noteEdits(controls, progress, stage, events)
      const learningRate = learningRateAt(stage.schedule, {
        step: progress.stageStep,
        totalSteps: stage.totalSteps,
        learningRate: baseLearningRate(stage, progress),
      })
      const { step, stageIndex, stageStep } = progress
      const batches: StepRequest['batches'] =
        ahead?.step === step ? ahead.batches : batchesAt({ step, stageIndex, stageStep })
      const request = {
        step,
        stageStep,
        batches,
        learningRate,
        lossWeights: lossWeightsAt(stage, progress),
        towerRates: progress.towers?.rates,
      }
      const askedAt = host.now()
      if (controls.demands.delete('profile')) {
        timed.length = 0
        timesLeft = stepsOfProfile
      }
      if (timesLeft > 0) {
        timesLeft--
        const { pending, profile } = session.stepTimed(request)
        readBack.push(pending, request)
        timed.push({ ...(await profile), hostMs, dataMs })
        events.push({ type: 'profile', step: progress.step + 1, profile: medianProfile(timed) })
        readBack.restartClock()
      } else {
        readBack.push(session.step(request), request)
        hostMs = host.now() - askedAt
      }
      // While the device computes, so that it never waits for data but before the first step.
      const isNextOfStage = stageStep + 1 < stage.totalSteps && !(limit !== null && step + 1 >= limit)
      const next = { step: step + 1, stageIndex, stageStep: stageStep + 1 }
      ahead = isNextOfStage ? { step: next.step, batches: batchesAt(next) } : null
      progress.step++
      progress.stageStep++

      const isEndOfStage = progress.stageStep === stage.totalSteps
      const context: RunContext = {
        config,
        session,
        data,
        host,
        progress,
        controls,
        stage,
        isEndOfStage,
        isEndOfRun: (isLastStage && isOver()) || isAtLimit(),
        lastKept,
        history,
        said,
        kept,
        evaluation: null,
        stopReason: null,
      }
      const isAnyDue = hooks.some((hook) => hook.isDue(context))
      // What was submitted is read before its functions go.
      const isPhaseOver = phaseStart(stage.components, progress.stageStep) !== session.phaseStart
      for (const reading of await readBack.take(isAnyDue || isPhaseOver)) {
        if (!Number.isFinite(reading.values['train/loss']) || !Number.isFinite(reading.values['gradNorm'])) {
          throw await nonFinite(session, reading)
        }
        progress.elapsedMs += reading.elapsedMs
        Object.assign(progress.latest, reading.values)
        if (reading.towerNorms !== null)
          addNorms((progress.towers ??= freshTowers(reading.towerNorms.length)), reading.towerNorms)
        addReading(history, {
          step: reading.request.step + 1,
          loss: reading.values['train/loss']!,
          learningRate: reading.request.learningRate,
        })
        events.push({
          type: 'metrics',
          step: reading.request.step + 1,
          values: reading.values,
          elapsedMs: progress.elapsedMs,
        })
      }
      const pulledAt = host.now()
      yield events
      readBack.leaveOut(host.now() - pulledAt)
      if (isAnyDue) {
        const { neighbours } = progress
        for (const hook of hooks) {
          if (!hook.isDue(context)) continue
          for await (const event of hook.run(context)) yield [event]
        }
        // What was made ahead is of the neighbours of before.
        if (progress.neighbours !== neighbours) ahead = null
        yield [{ type: 'phase', phase: trainingPhase(progress.step, totalSteps) }]
        readBack.restartClock()
      }
      // Shown, but after the checkpoint: going on from it must equal never having stopped.
      if (isAtLimit() && context.evaluation === null) {
        for await (const event of evaluate.run(context)) yield [event]
      }
      stopReason = context.stopReason
    }
    if (isAtLimit()) return
  }
}

/** Compiles what the stage needs, told as it goes on, and says why it does without a recording where it does. */
async function* compiling(
  session: TrainSession,
  progress: RunProgress,
  totalSteps: number,
): AsyncGenerator<TrainEvent[]> {
  let latest = { done: 0, total: 0 }
  let isReady = false
  let wake = (): void => {}
  const work = session
    .prepareStep((done, total) => {
      latest = { done, total }
      wake()
    })
    .finally(() => {
      isReady = true
      wake()
    })
  // A failure is thrown by the last line.
  work.catch(() => {})
  while (!isReady) {
    if (latest.total > 0) yield [{ type: 'phase', phase: { name: 'compiling', ...latest, unit: 'kernels' } }]
    if (!isReady) await new Promise<void>((resolve) => (wake = resolve))
  }
  await work
  // Behind the first steps: whoever waits for a curve does not wait for what is looked at later.
  session.prepareOthers().catch(() => {})
  const { refusal } = session
  if (refusal !== null) {
    const title = 'Steps run one operation after the other, which is slower'
    yield [{ type: 'notice', step: progress.step, level: 'info', title, detail: refusal }]
  }
  if (latest.total > 0) yield [{ type: 'phase', phase: trainingPhase(progress.step, totalSteps) }]
}

/** Patience is counted anew in each stage. */
function nextStage(progress: RunProgress): void {
  progress.stageIndex++
  progress.stageStep = 0
  progress.evaluationsSinceBest = 0
  progress.towers = null
}

/** A checkpoint of the moment at which a stage ended early: going on from it must not train the stage further. */
function hasStoppedEarly({ earlyStopping }: StageConfig, { evaluationsSinceBest }: RunProgress): boolean {
  return earlyStopping.isEnabled && evaluationsSinceBest >= earlyStopping.patience
}

function trainingPhase(done: number, total: number) {
  return { name: 'training', done, total, unit: 'steps' } as const
}

/** What an update goes through, in what its task counts speeds in. */
function throughputOf(config: RunConfig, { batchSize, accumulationSteps }: StageConfig) {
  const { unit } = tasks.get(config.task)
  const perItem = unit === 'tokens' ? seqLenOf(config) : 1
  return { name: `${unit}PerSecond`, perStep: batchSize * accumulationSteps * perItem }
}

/** The batches of the update that comes next. */
interface Ahead {
  readonly step: number
  readonly batches: StepRequest['batches']
}

function batchesOf(
  { batchSize, accumulationSteps }: StageConfig,
  data: RunData,
  at: UpdatePlace & { readonly neighbours: Neighbours | null },
): StepRequest['batches'] {
  return Array.from({ length: accumulationSteps }, (_, microStep) =>
    data.trainBatch({ ...at, microStep, accumulationSteps, batchSize }),
  )
}

async function nonFinite(
  session: TrainSession,
  reading: { request: StepRequest; values: Record<string, number> },
): Promise<DeviceError> {
  const tensor = await session.findNonFinite(reading.request)
  const step = reading.request.step + 1
  const loss = reading.values['train/loss']!
  const what = Number.isFinite(loss)
    ? `the gradient norm is ${reading.values['gradNorm']}`
    : `the loss is ${loss}`
  return divergence({ step, what, tensor, learningRate: reading.request.learningRate })
}
