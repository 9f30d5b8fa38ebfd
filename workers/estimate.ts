import { BunsenError, ConfigError, toPlainError, type PlainError } from '../src/core/errors.ts'
import type { BranchPoint } from '../src/core/branch.ts'
import type { DataFacts } from '../src/core/dataFacts.ts'
import { createRunSchema, invalidConfig, totalStepsOf, type RunConfig } from '../src/core/runConfig.ts'
import type { EngineDevice } from '../src/engine/backend/createDevice.ts'
import { learningRateAt } from '../src/engine/optim/schedules/learningRate.ts'
import { checkConfig } from '../src/engine/tasks/checkConfig.ts'
import { parameterCount } from '../src/engine/models/parameterCount.ts'
import { memoryPlan } from '../src/engine/training/memoryPlan.ts'
import { precisionProblem } from '../src/engine/training/precision.ts'
import { oversizedTensor } from '../src/engine/training/oversized.ts'
import { createTrainSession } from '../src/engine/training/trainSession.ts'
import type { PreparedSummary } from '../src/core/prepared.ts'
import { models } from '../src/engine/models/registry.ts'
import { checkFacts } from '../src/engine/tasks/checkFacts.ts'
import { tasks } from '../src/engine/tasks/registry.ts'
import type { ArraySpecs } from '../src/engine/training/trainStepBatch.ts'
import { checkBranch } from './branchOfRun.ts'
import { createCatalog } from './catalog.ts'
import type { Estimate, Phase } from './protocol.ts'

export interface EstimateOptions {
  config: RunConfig
  prepared: PreparedSummary
  /** Where the run would leave another; null of one that begins anew. */
  branch: BranchPoint | null
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

/**
 * What a run would cost. Measured: compiles the kernels and times steps on made-up tokens, which are thrown away; not where
 * the plan is over the budget or cannot be held, since steps take all of it.
 */
export async function estimate(options: EstimateOptions): Promise<Estimate> {
  const { config, prepared, branch, device, isMeasured } = options
  const issues = checkConfig(config)
  if (issues.length > 0) throw invalidConfig(issues)
  checkFacts(config, prepared.facts)
  const memory = memoryPlan(config, prepared.facts, device.info)
  const problems = problemsOf(config, prepared, [
    branch && unfit(branch, config, prepared.facts),
    precisionProblem(config, device.info),
    oversizedTensor(config, prepared.facts, device.info),
  ])
  const isTried = isMeasured && problems.length === 0 && memory.total <= memory.budget
  const msPerStep = isTried ? await measure(options) : null
  return {
    parameterCount: parameterCount(config, tasks.get(config.task).sizes(prepared.facts, config)),
    memory,
    facts: prepared.facts,
    trainItems: prepared.trainItems,
    validationItems: prepared.validationItems,
    ...(prepared.testItems !== undefined && { testItems: prepared.testItems }),
    ...(prepared.notices && { notices: prepared.notices }),
    learningRates: learningRates(config),
    problems,
    msPerStep,
  }
}

/** Why the run cannot leave another there; null where it can. */
function unfit(point: BranchPoint, config: RunConfig, facts: DataFacts): BunsenError | null {
  try {
    checkBranch({ schema: createRunSchema(createCatalog()), point, config, facts })
    return null
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
}

/** Places of one item: tokens of a sequence, else 1. */
function placesOf({ model }: RunConfig): number {
  return models.get(model.kind).seqLen(model) ?? 1
}

/** Values that every kernel can take. */
function madeUp(specs: ArraySpecs, batchSize: number): Record<string, Int32Array | Float32Array> {
  return Object.fromEntries(
    Object.entries(specs).map(([name, { dtype, perItem, range }]) => {
      const length = batchSize * perItem
      const highest = range?.[1] ?? 0
      return [
        name,
        dtype === 'int32'
          ? Int32Array.from({ length }, (_, i) => i % (highest + 1))
          : Float32Array.from({ length }, (_, i) => ((i * 37) % 101) / 50 - 1),
      ]
    }),
  )
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
  others: readonly (BunsenError | null)[],
): PlainError[] {
  const problems: PlainError[] = []
  const seqLen = placesOf(config)
  for (const [part, tokens] of [
    ['training', prepared.trainItems],
    ['validation', prepared.validationItems],
  ] as const) {
    if (tokens > seqLen || tasks.get(config.task).unit !== 'tokens') continue
    const error = new ConfigError(
      `The ${part} part has ${tokens} tokens, but one sequence needs ${seqLen + 1}`,
      {
        code: 'split-too-short',
        remedy: 'Shorten the sequence length, change the validation fraction, or use a longer text.',
      },
    )
    problems.push(toPlainError(error))
  }
  for (const error of others) if (error !== null) problems.push(toPlainError(error))
  return problems
}

/** Milliseconds of an update. On a slow device a part of a batch is timed and scaled up: more is not worth the wait. */
async function measure({ config, prepared, device, signal, onPhase }: EstimateOptions): Promise<number> {
  onPhase({ name: 'compiling', done: 0, total: 0, unit: '' })
  const session = createTrainSession({ device, config, facts: prepared.facts })
  try {
    const stage = config.stages[0]!
    const specs = tasks.get(config.task).arrays(prepared.facts, config)
    // Forward and backward take about six operations a weight and token (Kaplan et al. 2020, section 2.1).
    const flopsPerItem = 6 * session.parameterCount * placesOf(config)
    const isSlow = device.info.isSoftware || device.info.backend === 'cpu'
    const affordable = isSlow ? Math.max(1, Math.floor(slowDeviceFlops / flopsPerItem)) : Infinity
    const batchSize = Math.min(stage.batchSize, affordable)
    const batches = [{ arrays: madeUp(specs, batchSize), batchSize }]
    const times: number[] = []
    await session.prepareStep((done, total) => onPhase({ name: 'compiling', done, total, unit: 'kernels' }))
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
    return Math.min(...times) * (stage.batchSize / batchSize) * stage.accumulationSteps
  } finally {
    session.dispose()
    device.trim()
    onPhase(null)
  }
}
