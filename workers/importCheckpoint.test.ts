import 'fake-indexeddb/auto'
import { beforeEach, expect, it } from 'vitest'
import { elementCount, float32Tensor, type HostTensor, type NamedTensors } from '../src/core/hostTensor.ts'
import { createRunSchema, parseRunConfig } from '../src/core/runConfig.ts'
import { nextTokenSizes } from '../src/engine/models/modelInputs.ts'
import { models } from '../src/engine/models/registry.ts'
import { freshProgress } from '../src/engine/training/trainRun.ts'
import { createConnection } from '../src/storage/connection.ts'
import type { BunsenDatabase } from '../src/storage/database.ts'
import { listRuns } from '../src/storage/runStore.ts'
import { createCatalog } from './catalog.ts'
import { encodeRunCheckpoint } from './checkpointOfRun.ts'
import { importCheckpoint } from './importCheckpoint.ts'

const config = parseRunConfig(createRunSchema(createCatalog()), {
  data: { tokenizer: { kind: 'bytes' } },
  model: { numLayers: 1, numHeads: 2, embedDim: 8, seqLen: 8 },
})
/** As a file may be edited: what is absent is the default, of one stage. */
const withoutStages = Object.assign({}, config, { stages: undefined })
const head = 'transformer.ln_f.weight'
const moment = `optimizer.m.${head}`

function tensors(changes: Record<string, HostTensor | null> = {}): NamedTensors {
  const specs = models.get('gpt').parameters(config.model, nextTokenSizes(256))
  const all: NamedTensors = new Map(
    specs.map(({ name, shape }) => [
      name,
      float32Tensor(shape, new Float32Array(elementCount(shape)).fill(0.5)),
    ]),
  )
  for (const [name, tensor] of Object.entries(changes))
    if (tensor === null) all.delete(name)
    else all.set(name, tensor)
  return all
}

const bytesOf = (change: Partial<Parameters<typeof encodeRunCheckpoint>[0]> = {}) =>
  encodeRunCheckpoint({
    branch: null,
    config,
    progress: { ...freshProgress(), step: 3, stageStep: 3 },
    tensors: tensors(),
    coding: { facts: { vocabSize: 256 }, tokenizer: { kind: 'bytes', state: {} } },
    parent: null,
    ...change,
  })
const imported = (change?: Parameters<typeof bytesOf>[0]) =>
  importCheckpoint(db, 'weights.safetensors', bytesOf(change))

let opened = 0
let db: BunsenDatabase
beforeEach(async () => {
  db = await createConnection({ name: `import-checkpoint-${opened++}` }).get()
})

const eight = (value: number) => float32Tensor([8], new Float32Array(8).fill(value))

it('stores a sound checkpoint as a run, in whichever floating-point format its weights are', async () => {
  const half: HostTensor = { dtype: 'float16', shape: [8], data: new Uint16Array(8).fill(0x3c00) }
  const { runId } = await imported({ tensors: tensors({ [head]: half, [moment]: eight(0) }) })
  expect(await listRuns(db)).toMatchObject([{ kind: 'run', run: { id: runId, step: 3, status: 'stopped' } }])
})

it.each<[what: string, code: string, change: Parameters<typeof bytesOf>[0]]>([
  ['a weight that is not there', 'weights-mismatch', { tensors: tensors({ [head]: null }) }],
  [
    'a weight of another shape',
    'weights-mismatch',
    { tensors: tensors({ [head]: float32Tensor([4, 2], new Float32Array(8)) }) },
  ],
  [
    'whole numbers for weights',
    'weights-mismatch',
    { tensors: tensors({ [head]: { dtype: 'int64', shape: [8], data: new BigInt64Array(8) } }) },
  ],
  ['a tensor that no model has', 'weights-mismatch', { tensors: tensors({ evil: eight(0) }) }],
  [
    'a tensor of another optimizer',
    'weights-mismatch',
    { tensors: tensors({ [`optimizer.x.${head}`]: eight(0) }) },
  ],
  [
    'an optimizer tensor of another shape',
    'weights-mismatch',
    { tensors: tensors({ [moment]: float32Tensor([1], new Float32Array(1)) }) },
  ],
  ['weights that are not numbers', 'weights-not-finite', { tensors: tensors({ [head]: eight(NaN) }) }],
  [
    'weights beyond 32 bits',
    'weights-not-finite',
    { tensors: tensors({ [head]: { dtype: 'float64', shape: [8], data: new Float64Array(8).fill(1e300) } }) },
  ],
  [
    'the tokenizer of another configuration',
    'checkpoint-invalid',
    { coding: { facts: { vocabSize: 256 }, tokenizer: { kind: 'characters', state: {} } } },
  ],
  [
    'a stage that its settings do not have',
    'checkpoint-invalid',
    { progress: { ...freshProgress(), stageIndex: 5 }, config: withoutStages },
  ],
  [
    'settings that do not go together',
    'invalid-config',
    { config: { ...config, model: { ...config.model, numHeads: 3 } } },
  ],
])('refuses a checkpoint with %s and stores nothing', async (_what, code, change) => {
  await expect(imported(change)).rejects.toMatchObject({ code })
  expect(await listRuns(db)).toEqual([])
  expect(await db.getAllKeys('blobs')).toEqual([])
  expect(await db.getAllKeys('staging')).toEqual([])
})
