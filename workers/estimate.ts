import {
  BunsenError,
  ConfigError,
  toPlainError,
  type DeviceError,
  type PlainError,
} from '../src/core/errors.ts'
import { invalidConfig, totalStepsOf, type RunConfig } from '../src/core/runConfig.ts'
import type { EngineDevice } from '../src/engine/backend/createDevice.ts'
import { learningRateAt } from '../src/engine/optim/schedules/learningRate.ts'
import { checkConfig } from '../src/engine/tasks/checkConfig.ts'
import { parameterCount } from '../src/engine/models/parameterCount.ts'
import { exactPlan, memoryPlan, type MemoryPlan } from '../src/engine/training/memoryPlan.ts'
import { precisionProblem } from '../src/engine/training/precision.ts'
import { oversizedTensor } from '../src/engine/training/oversized.ts'
import { createTrainSession } from '../src/engine/training/trainSession.ts'
import type { Estimate, Phase, PreparedSummary } from './protocol.ts'

export interface EstimateOptions {
  config: RunConfig
  prepared: PreparedSummary
  device: EngineDevice
  isMeasured: boolean
  signal: AbortSignal
  onPhase(phase: Phase | null): void
}

const measuredSteps = 3
/** A step slower than this is not repeated: the estimate must not keep a slow machine busy. */
const patienceMs = 1500
/** What a software device may be asked for in one timed step: about half a second of its work. */
const slowDeviceFlops = 3e8

/** What a run would cost. Measured: compiles the kernels and times steps on made-up tokens, which are thrown away. */
export async function estimate(options: EstimateOptions): Promise<Estimate> {
  const { config, prepared, device, isMeasured } = options
  const issues = checkConfig(config)
  if (issues.length > 0) throw invalidConfig(issues)
  const memory = memoryPlan(config, prepared.vocabSize, device.info)
  const problems = problemsOf(config, prepared, [
    precisionProblem(config, device.info),
    oversizedTensor(config, prepared.vocabSize, device.info),
  ])
  const measured = isMeasured && problems.length === 0 ? await measure(options, memory) : null
  return {
    parameterCount: parameterCount(config, prepared.vocabSize),
    memory: measured?.memory ?? memory,
    vocabSize: prepared.vocabSize,
    trainTokens: prepared.trainTokens,
    validationTokens: prepared.validationTokens,
    learningRates: learningRates(config),
    problems,
    msPerStep: measured?.msPerStep ?? null,
  }
}

/** At most 120 points over all stages. */
function learningRates(config: RunConfig): number[] {
  const points = 120
  const total = totalStepsOf(config)
  const rates: number[] = []
  for (const { totalSteps, schedule, optimizer } of config.stages) {
    const learningRate = Number(optimizer['learningRate'])
    const count = Math.max(2, Math.round((points * totalSteps) / total))
    for (let i = 0; i < count; i++) {
      const step = Math.round((i * (totalSteps - 1)) / (count - 1))
      rates.push(learningRateAt(schedule, { step, totalSteps, learningRate }))
    }
  }
  return rates
}

function problemsOf(
  config: RunConfig,
  prepared: PreparedSummary,
  ofDevice: readonly (DeviceError | null)[],
): PlainError[] {
  const problems: PlainError[] = []
  const seqLen = Number(config.model['seqLen'])
  for (const [part, tokens] of [
    ['training', prepared.trainTokens],
    ['validation', prepared.validationTokens],
  ] as const) {
    if (tokens > seqLen) continue
    const error = new ConfigError(
      `The ${part} part has ${tokens} tokens, but one sequence needs ${seqLen + 1}`,
      {
        code: 'split-too-short',
        remedy: 'Shorten the sequence length, change the validation fraction, or use a longer text.',
      },
    )
    problems.push(toPlainError(error))
  }
  for (const error of ofDevice) if (error !== null) problems.push(toPlainError(error))
  return problems
}

/**
 * Bytes of the recorded step, and milliseconds of an update. On a slow device a part of a batch is timed and scaled up:
 * more is not worth the wait.
 */
async function measure(
  { config, prepared, device, signal, onPhase }: EstimateOptions,
  plan: MemoryPlan,
): Promise<{ msPerStep: number; memory: MemoryPlan }> {
  onPhase({ name: 'compiling', done: 0, total: 0, unit: '' })
  const session = createTrainSession({ device, config, vocabSize: prepared.vocabSize })
  try {
    if (plan.stageIndex > 0) session.enterStage(plan.stageIndex)
    const planned = session.plannedMemory()
    if (plan.stageIndex > 0) session.enterStage(0)
    const stage = config.stages[0]!
    const seqLen = Number(config.model['seqLen'])
    // Forward and backward take about six operations a weight and token (Kaplan et al. 2020, section 2.1).
    const flopsPerSequence = 6 * session.parameterCount * seqLen
    const isSlow = device.info.isSoftware || device.info.backend === 'cpu'
    const affordable = isSlow ? Math.max(1, Math.floor(slowDeviceFlops / flopsPerSequence)) : Infinity
    const batchSize = Math.min(stage.batchSize, affordable)
    const tokens = Int32Array.from({ length: batchSize * seqLen }, (_, i) => i % prepared.vocabSize)
    const batches = [{ inputs: tokens, targets: tokens, batchSize, seqLen }]
    const times: number[] = []
    await session.prepare((done, total) => onPhase({ name: 'compiling', done, total, unit: 'kernels' }))
    for (let pass = 0; pass <= measuredSteps; pass++) {
      if (signal.aborted) throw new BunsenError('The estimate was superseded', { code: 'superseded' })
      const startedAt = performance.now()
      await session.step({ step: pass, stageStep: pass, batches, learningRate: 0 }).read()
      const elapsedMs = performance.now() - startedAt
      // The first pass compiles.
      if (pass > 0) times.push(elapsedMs)
      onPhase({ name: 'warming up', done: pass, total: measuredSteps, unit: 'steps' })
      if (pass > 0 && elapsedMs > patienceMs) break
    }
    const msPerStep = Math.min(...times) * (stage.batchSize / batchSize) * stage.accumulationSteps
    return { msPerStep, memory: planned === null ? plan : exactPlan(plan, planned) }
  } finally {
    session.dispose()
    device.trim()
    onPhase(null)
  }
}
