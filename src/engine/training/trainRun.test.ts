import { describe, expect, it } from 'vitest'
import { dataWithoutItems, plainSession, tokenBatch } from '../../../tests/helpers/tokenBatch.ts'
import { testCatalog } from '../../../tests/fixtures/testCatalog.ts'
import { BunsenError } from '../../core/errors.ts'
import { createRunSchema, parseRunConfig, type RunConfig } from '../../core/runConfig.ts'
import { catalogEntries } from '../ops/catalogEntries.ts'
import { schedules } from '../optim/schedules/registry.ts'
import type { LiveControls, RunData, RunProgress, TrainHost } from './runContext.ts'
import { freshProgress, trainRun } from './trainRun.ts'
import type { TrainSession } from './trainSession.ts'
import type { TrainEvent } from './types.ts'

const fields = testCatalog.models[0]!.fields
const schema = createRunSchema({
  ...testCatalog,
  schedules: catalogEntries(schedules.all, 'cosine'),
  models: [
    {
      ...testCatalog.models[0]!,
      fields: { ...fields, seqLen: { type: 'int', label: 'T', help: 'T', default: 4, min: 1, max: 99 } },
    },
  ],
})

function configOf(
  partial: Record<string, unknown> = {},
  evaluation: Record<string, unknown> = {},
): RunConfig {
  return parseRunConfig(schema, {
    stages: [
      {
        totalSteps: 12,
        batchSize: 2,
        evaluateEvery: 4,
        optimizer: { learningRate: 0.1 },
        schedule: { kind: 'cosine' },
        ...partial,
      },
    ],
    evaluation: { batches: 2, checkpointEvery: 5, sampleEvery: 0, ...evaluation },
  })
}

/** One weight that follows its batches: enough to see order, rates and state. `breaksAt`: a loss that is NaN. */
function fakeSession(
  config: RunConfig,
  options: { breaksAt?: number; validation?: (weight: number) => number } = {},
): TrainSession & { weight: number } {
  let stageIndex = 0
  return {
    weight: 1,
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
    enterStage(index) {
      stageIndex = index
    },
    step(request) {
      const target = request.batches[0]!.arrays['ids']![0]!
      const loss = request.step === options.breaksAt ? NaN : (this.weight - target) ** 2
      this.weight -= request.learningRate * (this.weight - target)
      return { read: () => Promise.resolve({ loss, gradNorm: Math.abs(loss), parts: {} }), discard() {} }
    },
    evaluate() {
      const loss = options.validation?.(this.weight) ?? this.weight
      return Promise.resolve({ loss, measured: Float32Array.of(loss) })
    },
    nextLogits: () => Promise.resolve(Float32Array.of(0, 1, 0, 0, 0, 0, 0, 0)),
    ...plainSession,
    exportState() {
      return Promise.resolve(
        new Map([['w', { dtype: 'float64', shape: [], data: Float64Array.of(this.weight) }]]),
      )
    },
    importState(tensors) {
      this.weight = Number(tensors.get('w')!.data[0])
    },
    findNonFinite: () => Promise.resolve('transformer.wte.weight'),
    dispose() {},
  }
}

const data: RunData = {
  ...dataWithoutItems,
  facts: { vocabSize: 8 },
  trainBatch: ({ step, batchSize }) => batchOf(batchSize, (step * 5) % 7),
  validationBatches: ({ most }) => most,
  validationBatch: ({ batchSize }) => batchOf(batchSize, 0),
  text: {
    startToken: 0,
    encode: (text) => [...text].map((c) => c.charCodeAt(0) % 8),
    decode: (tokens) => tokens.join(''),
  },
}

function batchOf(batchSize: number, token: number) {
  const ids = new Int32Array(batchSize * 4).fill(token)
  return tokenBatch({ ids, targets: ids, batchSize })
}

interface Saved {
  slot: string
  progress: RunProgress
  weight: number
}

function setUp(
  config: RunConfig,
  options: Parameters<typeof fakeSession>[1] & { progress?: RunProgress; limit?: number } = {},
) {
  const session = fakeSession(config, options)
  const [saved, clock]: [Saved[], { ms: number }] = [[], { ms: 0 }]
  const host: TrainHost = {
    now: () => (clock.ms += 10),
    loadBest: () => Promise.resolve(null),
    saveCheckpoint: ({ slot, progress, tensors }) => {
      saved.push({ slot, progress, weight: Number(tensors.get('w')!.data[0]) })
      return Promise.resolve({ sizeBytes: 8 })
    },
  }
  const controls: LiveControls = { learningRate: null, demands: new Set() }
  const progress = options.progress ?? freshProgress()
  const stream = trainRun({ session, config, data, host, controls, progress, limit: options.limit ?? null })
  return { session, saved, controls, progress, stream }
}

async function drain(stream: AsyncGenerator<TrainEvent[]>): Promise<TrainEvent[]> {
  const events: TrainEvent[] = []
  for await (const batch of stream) events.push(...batch)
  return events
}

const losses = (events: TrainEvent[]) =>
  new Map(
    events.flatMap((event) =>
      event.type === 'metrics' && 'train/loss' in event.values
        ? [[event.step, event.values['train/loss']!]]
        : [],
    ),
  )

describe('trainRun', () => {
  it('reads every update back once, in order, however late', async () => {
    const events = await drain(setUp(configOf()).stream)
    expect([...losses(events).keys()]).toEqual(Array.from({ length: 12 }, (_, i) => i + 1))
  })

  it('evaluates and keeps checkpoints when they are due and at the end', async () => {
    const { stream, saved } = setUp(configOf())
    const events = await drain(stream)
    const evaluated = events.flatMap((event) =>
      event.type === 'metrics' && 'validation/loss' in event.values ? [event.step] : [],
    )
    expect(evaluated).toEqual([4, 8, 12])
    expect(saved.filter(({ slot }) => slot === 'latest').map(({ progress }) => progress.step)).toEqual([
      5, 10, 12,
    ])
  })

  it('goes on from any checkpoint as if never interrupted', async () => {
    const config = configOf()
    const whole = setUp(config)
    const expected = losses(await drain(whole.stream))
    for (const { progress, weight, slot } of whole.saved) {
      const again = setUp(config, { progress: structuredClone(progress) })
      again.session.weight = weight
      const got = losses(await drain(again.stream))
      expect([...got.keys()], slot).toEqual([...expected.keys()].filter((step) => step > progress.step))
      for (const [step, loss] of got) expect(loss).toBe(expected.get(step))
      expect(again.session.weight).toBe(whole.session.weight)
    }
  })

  it('leaves off at a limit with a checkpoint from which the rest equals never having stopped', async () => {
    const config = configOf({ earlyStopping: { isEnabled: true, patience: 3 } })
    const whole = setUp(config)
    const expected = losses(await drain(whole.stream))
    const first = setUp(config, { limit: 7 })
    expect([...losses(await drain(first.stream)).keys()]).toHaveLength(7)
    const last = first.saved.at(-1)!
    expect(last.progress.step).toBe(7)
    const rest = setUp(config, { progress: structuredClone(last.progress) })
    rest.session.weight = last.weight
    for (const [step, loss] of losses(await drain(rest.stream))) expect(loss).toBe(expected.get(step))
    expect(rest.progress.best).toEqual(whole.progress.best)
  })

  it('goes past the end of the configuration at the final rate when the limit says so', async () => {
    const events = await drain(setUp(configOf(), { limit: 15 }).stream)
    expect(losses(events).size).toBe(15)
  })

  it('puts a learning rate set by hand into force with the next update, and again after a resume', async () => {
    const config = configOf({ schedule: { kind: 'constant', warmupSteps: 0 } })
    const { stream, controls, saved, session } = setUp(config)
    const events: TrainEvent[] = []
    for await (const batch of stream) {
      events.push(...batch)
      if (batch.some((event) => event.type === 'metrics' && event.step === 3)) controls.learningRate ??= 0.01
      if (batch.some((event) => event.type === 'edit')) controls.learningRate = null
    }
    const rates = events.flatMap((event) =>
      event.type === 'metrics' && 'learningRate' in event.values ? [event.values['learningRate']] : [],
    )
    expect(rates.slice(0, 3)).toEqual([0.1, 0.1, 0.1])
    expect(rates.at(-1)).toBe(0.01)
    const edits = events.filter((event) => event.type === 'edit')
    expect(edits.length).toBeGreaterThan(0)
    const later = saved.find(({ progress }) => progress.step === 10)!
    const again = setUp(config, { progress: structuredClone(later.progress) })
    again.session.weight = later.weight
    await drain(again.stream)
    expect(again.session.weight).toBe(session.weight)
  })

  it('stops early after patience evaluations without improvement, keeping the best', async () => {
    const config = configOf({ totalSteps: 100, earlyStopping: { isEnabled: true, patience: 2 } })
    let evaluations = 0
    const { stream, saved, progress } = setUp(config, {
      validation: () => [5, 5, 4, 4, 6, 6, 6, 6][evaluations++]!,
    })
    const events = await drain(stream)
    expect(progress.step).toBe(16)
    expect(progress.best).toEqual({ metric: 'validation/loss', value: 4, step: 8 })
    expect(saved.filter(({ slot }) => slot === 'best').map(({ progress: at }) => at.step)).toEqual([4, 8])
    expect(saved.at(-1)!.slot).toBe('latest')
    expect(events.some((event) => event.type === 'notice' && event.title === 'Stopped early')).toBe(true)
  })

  it('refuses to go on from a loss that is not a number, naming step and tensor', async () => {
    const failure = await drain(setUp(configOf(), { breaksAt: 6 }).stream).then(
      () => null,
      (error: unknown) => error,
    )
    expect(failure).toBeInstanceOf(BunsenError)
    expect((failure as BunsenError).code).toBe('non-finite')
    expect((failure as BunsenError).message).toMatch(
      /step 7: the loss is NaN; first non-finite tensor: transformer\.wte\.weight/,
    )
  })

  it('does on demand what was asked for, once', async () => {
    const { stream, controls, saved } = setUp(
      configOf(
        { evaluateEvery: 1000 },
        { checkpointEvery: 1000, samplePrompt: 'a', sampleTokens: 3, sampleTemperature: 0 },
      ),
    )
    const events: TrainEvent[] = []
    controls.demands.add('checkpoint').add('sample').add('evaluate')
    for await (const batch of stream) events.push(...batch)
    expect(saved.filter(({ slot }) => slot === 'latest').map(({ progress }) => progress.step)).toEqual([
      1, 12,
    ])
    expect(events.filter((event) => event.type === 'sample')).toEqual([
      { type: 'sample', step: 1, prompt: 'a', text: '111' },
    ])
    expect(controls.demands.size).toBe(0)
  })

  it('runs stages one after the other, each with its own schedule', async () => {
    const config = parseRunConfig(schema, {
      stages: [
        {
          totalSteps: 3,
          batchSize: 1,
          optimizer: { learningRate: 0.5 },
          schedule: { kind: 'constant', warmupSteps: 0 },
        },
        {
          totalSteps: 2,
          batchSize: 1,
          optimizer: { learningRate: 0.25 },
          schedule: { kind: 'constant', warmupSteps: 0 },
        },
      ],
      evaluation: { sampleEvery: 0 },
    })
    const { stream, session } = setUp(config)
    const events = await drain(stream)
    const rates = events.flatMap((event) =>
      event.type === 'metrics' && 'learningRate' in event.values ? [event.values['learningRate']] : [],
    )
    expect(rates).toEqual([0.5, 0.5, 0.5, 0.25, 0.25])
    expect(session.stageIndex).toBe(1)
  })
})
