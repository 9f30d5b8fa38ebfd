import { beforeAll, expect, it } from 'vitest'
import type { Prepared } from '../src/core/prepared.ts'
import { createRunSchema, parseRunConfig, type RunConfig } from '../src/core/runConfig.ts'
import { encodeImageSet } from '../src/data/images/imageSet.ts'
import { prepare } from '../src/data/prepare.ts'
import { createMemoryStepStore } from '../src/data/steps/memoryStepStore.ts'
import { StepRunner } from '../src/data/steps/stepRunner.ts'
import { createDevice, type EngineDevice } from '../src/engine/backend/createDevice.ts'
import { createTrainSession } from '../src/engine/training/trainSession.ts'
import { createCatalog } from './catalog.ts'
import { freshStart, type RunStart } from './checkpointOfRun.ts'
import { searchItems } from './searchItems.ts'

const [count, side] = [20, 8]
const colors = ['red', 'green', 'blue', 'grey']
const pictures = encodeImageSet({
  count,
  height: side,
  width: side,
  channels: 3,
  pixels: Uint8Array.from({ length: count * side * side * 3 }, (_, i) => (i * 37 + (i >> 7)) % 256),
  classes: [],
  labels: new Int32Array(0),
  captions: Array.from({ length: count }, (_, i) => `a ${colors[i % 4]} thing ${i}`),
})

let config: RunConfig
let device: EngineDevice
let prepared: Prepared
let start: RunStart

beforeAll(async () => {
  config = parseRunConfig(createRunSchema(createCatalog()), {
    task: 'image-text',
    data: {
      split: { kind: 'random-items', fraction: 0.5 },
      sampler: { kind: 'shuffled-items' },
      tokenizer: { kind: 'words', minCount: 1 },
    },
    model: {
      kind: 'dual-encoder',
      image: { numLayers: 1, numHeads: 1, embedDim: 8, patchSize: 4 },
      text: { numLayers: 1, numHeads: 1, embedDim: 8, seqLen: 6 },
      projectionDim: 8,
    },
    stages: [{ batchSize: 4, losses: [{ name: 'clip' }] }],
  })
  device = await createDevice({ backend: 'cpu', gpu: null })
  prepared = await prepare({
    kind: 'images',
    async *content() {
      yield pictures
    },
    sizeBytes: pictures.length,
    contentSha256: 'a'.repeat(64),
    data: config.data,
    seed: config.seed,
  })
  const session = createTrainSession({ device, config, facts: prepared.coding.facts })
  start = { ...freshStart(), tensors: await session.exportState() }
  session.dispose()
})

function search(runner: StepRunner, words: string, from = start) {
  const query = { kind: 'words', words } as const
  return searchItems({ config, start: from, prepared, device, codeVersion: 'test', query, count: 5, runner })
}

it('finds the same by vectors that are stored as by new ones, and makes new ones of other weights', async () => {
  const store = createMemoryStepStore()
  const first = await search(new StepRunner(store), 'red thing')
  expect([first.total, first.found.length, first.reports[0]!.outcome]).toEqual([10, 5, 'computed'])
  const again = await search(new StepRunner(store), 'red thing')
  expect(again).toEqual({ ...first, reports: [expect.objectContaining({ outcome: 'reused' })] })
  // Another question has the same answers to choose from.
  const other = await search(new StepRunner(store), 'a blue 7')
  expect(other.reports[0]!.outcome).toBe('reused')
  const anew = await search(new StepRunner(createMemoryStepStore(0)), 'a blue 7')
  expect(other.found).toEqual(anew.found)
  const moved = new Map(
    [...start.tensors!].map(([name, tensor]) => [
      name,
      {
        ...tensor,
        dtype: 'float32' as const,
        data: Float32Array.from(tensor.data as Float32Array, (x) => x * 2),
      },
    ]),
  )
  const { reports } = await search(new StepRunner(store), 'red thing', { ...start, tensors: moved })
  expect(reports[0]).toMatchObject({
    outcome: 'computed',
    reason: { changes: [{ of: 'input', name: 'weights' }] },
  })
})
