import { describe, expect, it } from 'vitest'
import { dataWithoutItems, plainSession, tokenBatch } from '../../../tests/helpers/tokenBatch.ts'
import { testCatalog } from '../../../tests/fixtures/testCatalog.ts'
import { createRunSchema, parseRunConfig, type RunConfig } from '../../core/runConfig.ts'
import { float32Tensor } from '../../core/hostTensor.ts'
import type { RunData, RunProgress } from './runContext.ts'
import { freshProgress, trainRun } from './trainRun.ts'
import type { TrainSession } from './trainSession.ts'
import type { TrainEvent } from './types.ts'

const fields = testCatalog.models[0]!.fields
const schema = createRunSchema({
  ...testCatalog,
  models: [
    {
      ...testCatalog.models[0]!,
      fields: { ...fields, seqLen: { type: 'int', label: 'T', help: 'T', default: 4, min: 1, max: 99 } },
    },
  ],
})

/** Two stages of at most `totalSteps`, validated after each update, that end after `patience` of them without gain. */
function configOf(options: { patience: number; totalSteps: number; checkpointEvery?: number }): RunConfig {
  const { patience, totalSteps, checkpointEvery = 1000 } = options
  const stage = { totalSteps, batchSize: 1, evaluateEvery: 1, earlyStopping: { isEnabled: true, patience } }
  return parseRunConfig(schema, {
    stages: [stage, stage],
    evaluation: { batches: 1, checkpointEvery, sampleEvery: 0 },
  })
}

const data: RunData = {
  facts: { vocabSize: 8 },
  ...dataWithoutItems,
  trainBatch: ({ batchSize }) => batchOf(batchSize),
  validationBatches: ({ most }) => most,
  validationBatch: ({ batchSize }) => batchOf(batchSize),
  text: { startToken: 0, encode: () => [], decode: () => '' },
}

function batchOf(batchSize: number) {
  const ids = new Int32Array(batchSize * 4)
  return tokenBatch({ ids, targets: ids, batchSize })
}

/** Learns nothing: its losses are told beforehand, and its one weight breaks after update `breaksAfter`. */
function fakeSession(config: RunConfig, validation: () => number, breaksAfter = Infinity): TrainSession {
  let stageIndex = 0
  let steps = 0
  return {
    config,
    facts: { vocabSize: 8 },
    parameterCount: 1,
    refusal: null,
    stepTimed: () => {
      throw new Error('not in these tests')
    },
    prepareOthers: () => Promise.resolve(),
    products: () => Promise.resolve([]),
    useKernels() {},
    prepareStep: () => Promise.resolve(),
    plannedMemory: () => null,
    memory: () => ({ parameters: 0, gradients: 0, optimizer: 0, activations: 0, workspace: 0, other: 0 }),
    get stageIndex() {
      return stageIndex
    },
    enterStage: (index) => void (stageIndex = index),
    step() {
      steps++
      return { read: () => Promise.resolve({ loss: 1, gradNorm: 1, parts: {} }), discard() {} }
    },
    evaluate() {
      const loss = validation()
      return Promise.resolve({ loss, measured: Float32Array.of(loss) })
    },
    nextLogits: () => Promise.resolve(new Float32Array(8)),
    ...plainSession,
    exportState: () =>
      Promise.resolve(new Map([['w', float32Tensor([1], Float32Array.of(steps >= breaksAfter ? NaN : 1))]])),
    importState() {},
    findNonFinite: () => Promise.resolve('w'),
    dispose() {},
  }
}

async function runToEnd(
  session: TrainSession,
  progress: RunProgress,
  told: TrainEvent[] = [],
): Promise<RunProgress[]> {
  const saved: RunProgress[] = []
  const stream = trainRun({
    session,
    config: session.config,
    data,
    host: {
      now: () => 0,
      loadBest: () => Promise.resolve(null),
      saveCheckpoint: ({ slot, progress: at }) => {
        if (slot === 'latest') saved.push(at)
        return Promise.resolve({ sizeBytes: 4 })
      },
    },
    controls: { learningRate: null, demands: new Set() },
    progress,
    limit: null,
  })
  for await (const events of stream) told.push(...events)
  return saved
}

describe('early stopping over stages', () => {
  it('counts patience anew in each stage', async () => {
    const progress = freshProgress()
    await runToEnd(
      fakeSession(configOf({ patience: 3, totalSteps: 3 }), () => 5),
      progress,
    )
    expect(progress.step, 'the first stage uses up 2 of 3, the second must run to its end').toBe(6)
  })

  it('tells which stage it is in and since when, also where one ended early or is taken up again', async () => {
    const config = configOf({ patience: 2, totalSteps: 50, checkpointEvery: 4 })
    const told: TrainEvent[] = []
    const stages = () => told.splice(0).filter(({ type }) => type === 'stage')
    const saved = await runToEnd(
      fakeSession(config, () => 5),
      freshProgress(),
      told,
    )
    expect(stages()).toEqual([
      { type: 'stage', step: 0, index: 0, fromStep: 0 },
      { type: 'stage', step: 3, index: 1, fromStep: 3 },
    ])
    const later = saved.find(({ step }) => step === 4)!
    await runToEnd(
      fakeSession(config, () => 5),
      structuredClone(later),
      told,
    )
    expect(stages()).toEqual([{ type: 'stage', step: 4, index: 1, fromStep: 3 }])
  })

  it('goes from the checkpoint of an early stop to the next stage, as the run itself did', async () => {
    const config = configOf({ patience: 2, totalSteps: 50 })
    const whole = freshProgress()
    const [atStop] = await runToEnd(
      fakeSession(config, () => 5),
      whole,
    )
    expect(atStop).toMatchObject({ step: 3, stageIndex: 0 })
    const resumed = structuredClone(atStop!)
    await runToEnd(
      fakeSession(config, () => 5),
      resumed,
    )
    expect(resumed.step).toBe(whole.step)
  })
})

it('keeps the last sound checkpoint when an update breaks the weights after a finite loss', async () => {
  const config = configOf({ patience: 100, totalSteps: 20, checkpointEvery: 1 })
  const session = fakeSession(config, () => NaN, 4)
  const progress = freshProgress()
  const failure = await runToEnd(session, progress).then(
    () => null,
    (error: unknown) => error,
  )
  expect(failure).toMatchObject({ code: 'non-finite', details: { step: 4, tensor: 'w' } })
})

it('makes each batch once, the next one before it waits for the device, and none of a stage that is not there', async () => {
  const config = configOf({ patience: 9, totalSteps: 3 })
  const base = fakeSession(config, () => 5)
  const done: string[] = []
  const session: TrainSession = Object.assign(Object.create(base) as TrainSession, {
    step: ({ step, batches }: Parameters<TrainSession['step']>[0]) => {
      done.push(`step ${step} of ${batches[0]!.batchSize}`)
      return {
        read: () => {
          done.push(`read ${step}`)
          return Promise.resolve({ loss: 1, gradNorm: 1, parts: {} })
        },
        discard() {},
      }
    },
  })
  const stages = config.stages.map((stage, i) => ({ ...stage, batchSize: i + 1 }))
  const stream = trainRun({
    session,
    config: { ...config, stages },
    data: {
      ...data,
      trainBatch(place) {
        done.push(`make ${place.step}, ${place.stageStep} of stage ${place.stageIndex}`)
        return data.trainBatch(place)
      },
    },
    host: {
      now: () => 0,
      loadBest: () => Promise.resolve(null),
      saveCheckpoint: () => Promise.resolve({ sizeBytes: 4 }),
    },
    controls: { learningRate: null, demands: new Set() },
    progress: freshProgress(),
    limit: null,
  })
  for await (const events of stream) void events
  const stageOf = (first: number, size: number) => [
    `make ${first}, 0 of stage ${size - 1}`,
    ...[first, first + 1, first + 2].flatMap((step) => [
      `step ${step} of ${size}`,
      ...(step < first + 2 ? [`make ${step + 1}, ${step + 1 - first} of stage ${size - 1}`] : []),
      `read ${step}`,
    ]),
  ]
  expect(done).toEqual([...stageOf(0, 1), ...stageOf(3, 2)])
})
