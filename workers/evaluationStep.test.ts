import 'fake-indexeddb/auto'
import { beforeAll, describe, expect, it } from 'vitest'
import type { NamedTensors } from '../src/core/hostTensor.ts'
import type { Prepared } from '../src/core/prepared.ts'
import { Generator } from '../src/core/rng.ts'
import { createRunSchema, parseRunConfig, type RunConfig } from '../src/core/runConfig.ts'
import { prepare } from '../src/data/prepare.ts'
import { createMemoryStepStore } from '../src/data/steps/memoryStepStore.ts'
import { StepRunner } from '../src/data/steps/stepRunner.ts'
import { createDevice, type EngineDevice } from '../src/engine/backend/createDevice.ts'
import { createTrainSession } from '../src/engine/training/trainSession.ts'
import { freshProgress } from '../src/engine/training/trainRun.ts'
import { createCatalog } from './catalog.ts'
import type { RunStart } from './checkpointOfRun.ts'
import { evaluateStored } from './evaluateStored.ts'
import { evaluationNode } from './evaluationStep.ts'
import { openBench } from './testRun.ts'

const configOf = (batches: number, weight = 1): RunConfig =>
  parseRunConfig(createRunSchema(createCatalog()), {
    seed: 1,
    task: 'table-classification',
    data: { split: { kind: 'given' }, sampler: { kind: 'shuffled-items' } },
    model: { kind: 'mlp', hidden: { shape: 'even', width: 4, depth: 1 } },
    stages: [{ batchSize: 4, losses: [{ name: 'cross-entropy', weight }] }],
    evaluation: { batches },
  })
const config = configOf(2)

/** Rows of two classes, in the parts that are named in turn. */
async function preparedIn(parts: readonly string[]): Promise<Prepared> {
  const normals = new Generator(5, 'evaluation').normals(60, 0)
  const rows = Array.from({ length: 30 }, (_, i) => {
    const side = i % 2
    return `${normals[2 * i]! + side},${normals[2 * i + 1]!},${side ? 'a' : 'b'},${parts[Math.floor(i / 10)]!}`
  })
  const bytes = new TextEncoder().encode(`x,y,label,part\n${rows.join('\n')}\n`)
  return prepare({
    kind: 'table',
    async *content() {
      yield bytes
    },
    sizeBytes: bytes.length,
    contentSha256: parts.join(),
    data: config.data,
    seed: config.seed,
  })
}

let device: EngineDevice
let prepared: Prepared
let tensors: NamedTensors

beforeAll(async () => {
  device = await createDevice({ backend: 'cpu', gpu: null })
  prepared = await preparedIn(['train', 'val', 'test'])
  const session = createTrainSession({ device, config, facts: prepared.coding.facts })
  tensors = await session.exportState()
  session.dispose()
})

interface Change {
  readonly config?: RunConfig
  readonly tensors?: NamedTensors
  readonly prepared?: Prepared
  readonly part?: 'validation' | 'test'
}
let loads = 0
function nodeOf(change: Change = {}) {
  const given = { config, tensors, prepared, part: 'test' as const, ...change }
  const start: RunStart = {
    tensors: given.tensors,
    what: 'all',
    progress: freshProgress(),
    parentSha256: null,
    branch: null,
  }
  return evaluationNode({
    ...given,
    start,
    preparedKey: given.prepared.key,
    prepared: async () => (loads++, given.prepared),
    device,
    codeVersion: 'test',
  })
}
/** One number of a tensor is another. */
function moved(wanted: (name: string) => boolean): NamedTensors {
  const [name, tensor] = [...tensors].find(([key]) => wanted(key))!
  const data = Float32Array.from(tensor.data as Float32Array)
  data[0]! += 0.5
  return new Map(tensors).set(name, { ...tensor, dtype: 'float32', data })
}

describe('an evaluation of a checkpoint', () => {
  it('on the test part has the numbers of a validation by the same rows, all of them', async () => {
    const { value } = await new StepRunner(createMemoryStepStore()).run(await nodeOf())
    const swapped = await preparedIn(['train', 'test', 'val'])
    const asValidation = await nodeOf({ config: configOf(99), prepared: swapped, part: 'validation' })
    const other = await new StepRunner(createMemoryStepStore()).run(asValidation)
    expect(value).toEqual({ ...other.value, part: 'test' })
    expect(value.items).toBe(10)
    expect(Object.keys(value.values)).toEqual(expect.arrayContaining(['loss', 'accuracy']))
    // Of the validation part only as many batches as the run takes.
    const few = await new StepRunner(createMemoryStepStore()).run(await nodeOf({ part: 'validation' }))
    expect(few.value.items).toBe(8)
  })

  it('is found stored byte for byte as it is computed, without its data, and made anew where that is damaged', async () => {
    const store = createMemoryStepStore()
    const node = await nodeOf()
    const first = await new StepRunner(store).run(node)
    const bytes = store.contents.get(node.key)!.slice()
    loads = 0
    const hit = await new StepRunner(store).run(await nodeOf())
    expect([hit.reports[0]!.outcome, hit.value, loads]).toEqual(['reused', first.value, 0])
    const fresh = createMemoryStepStore()
    await new StepRunner(fresh).run(node)
    expect(fresh.contents.get(node.key)).toEqual(bytes)
    store.contents.set(node.key, bytes.slice().fill(7, 20, 21))
    const again = await new StepRunner(store).run(node)
    expect([again.reports[0]!.reason, again.value]).toEqual([{ kind: 'corrupted' }, first.value])
    expect(store.contents.get(node.key)).toEqual(bytes)
  })

  it('is known by its weights, settings, data and part, and by nothing that does not decide it', async () => {
    const keyOf = async (change: Change) => (await nodeOf(change)).key
    const isWeight = (name: string) => !name.startsWith('optimizer.')
    const others = await Promise.all([
      keyOf({}),
      keyOf({ tensors: moved(isWeight) }),
      keyOf({ part: 'validation' }),
      keyOf({ part: 'validation', config: configOf(3) }),
      keyOf({ config: configOf(2, 0.5) }),
      keyOf({ prepared: await preparedIn(['train', 'test', 'val']) }),
    ])
    expect(new Set(others).size).toBe(others.length)
    const same = await Promise.all([
      keyOf({ tensors: moved((name) => !isWeight(name)) }),
      keyOf({ tensors: new Map([...tensors].reverse()) }),
      keyOf({ config: { ...config, name: 'Another' } }),
    ])
    expect(new Set([others[0], ...same]).size).toBe(1)
  })

  it('says what is other than the last time', async () => {
    const store = createMemoryStepStore()
    const reasonOf = async (change: Change) =>
      (await new StepRunner(store).run(await nodeOf(change))).reports[0]!.reason
    await reasonOf({})
    expect(await reasonOf({ tensors: moved((name) => !name.startsWith('optimizer.')) })).toEqual({
      kind: 'changed',
      changes: [{ of: 'input', name: 'weights' }],
    })
  })

  it('is refused by name where there is no test part, and where the weights are broken', async () => {
    const runner = new StepRunner(createMemoryStepStore())
    const { test: _test, ...without } = prepared
    await expect(runner.run(await nodeOf({ prepared: without }))).rejects.toMatchObject({
      code: 'no-test-part',
      remedy: expect.stringContaining('“As given”') as string,
    })
    const broken = [...tensors].map(([name, { shape, data }]) => {
      return [
        name,
        { shape, dtype: 'float32' as const, data: new Float32Array(data.length).fill(NaN) },
      ] as const
    })
    await expect(runner.run(await nodeOf({ tensors: new Map(broken) }))).rejects.toMatchObject({
      code: 'non-finite',
    })
  })

  it('of what a run has stored gives the numbers that the run told at that step', async () => {
    const bench = await openBench(6)
    const { host, events } = bench.host({ runId: 'told' })
    await host.run()
    const told = events.findLast((event) => event.type === 'metrics' && 'validation/loss' in event.values)
    const ask = (codeVersion = 'test') =>
      evaluateStored(bench.db, device, {
        runId: 'told',
        slot: 'latest',
        part: 'validation',
        preparedKey: bench.preparedKey,
        preparedBytes: null,
        codeVersion,
      })
    const { step, evaluation, reports } = await ask()
    const expected = Object.entries(evaluation.values).map(([name, value]) => [`validation/${name}`, value])
    expect(told).toMatchObject({ step, values: Object.fromEntries(expected) })
    expect([evaluation.items, reports[0]!.outcome]).toEqual([2, 'computed'])
    expect((await ask()).reports[0]!.outcome).toBe('reused')
    expect((await ask('newer')).reports[0]!.reason).toMatchObject({
      changes: [{ of: 'setting', name: 'code' }],
    })
  })
})
