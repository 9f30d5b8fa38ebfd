import 'fake-indexeddb/auto'
import { readFileSync } from 'node:fs'
import { beforeEach, describe, expect, it } from 'vitest'
import { canonicalJson } from '../src/core/canonicalJson.ts'
import { readSafetensors } from '../src/core/safetensors/read.ts'
import { writeSafetensors } from '../src/core/safetensors/write.ts'
import { createRunSchema, parseRunConfig, type RunConfig } from '../src/core/runConfig.ts'
import type { ConfigValue } from '../src/core/schema.ts'
import { sha256Hex } from '../src/core/sha256.ts'
import { prepareWith } from '../src/data/prepare.ts'
import { StepRunner } from '../src/data/steps/stepRunner.ts'
import { createDevice } from '../src/engine/backend/createDevice.ts'
import { createTrainSession } from '../src/engine/training/trainSession.ts'
import { trainRun } from '../src/engine/training/trainRun.ts'
import type { TrainEvent } from '../src/engine/training/types.ts'
import { loadCheckpoint } from '../src/storage/checkpointStore.ts'
import { createConnection } from '../src/storage/connection.ts'
import type { BunsenDatabase } from '../src/storage/database.ts'
import { readEvents } from '../src/storage/logStore.ts'
import { loadPrepared } from '../src/storage/preparedStore.ts'
import { getRun, listRuns } from '../src/storage/runStore.ts'
import { createStepStore } from '../src/storage/stepStore.ts'
import { createCatalog } from './catalog.ts'
import { decodeRunCheckpoint, restore, type RunStart } from './checkpointOfRun.ts'
import { exportModel, zipModel } from './exportModel.ts'
import { HeldWeights } from './heldWeights.ts'
import { importWeights } from './importWeights.ts'
import { openWeights } from './openWeights.ts'
import type { WeightsRequest } from './protocol.ts'
import { runData } from './runData.ts'
import { unzipWeights } from './unzipWeights.ts'
import { weightsStart } from './weightsStart.ts'

const golden = (name: string) => readFileSync(new URL(`../tests/fixtures/hub/${name}`, import.meta.url))
const weights = golden('gpt2/model.safetensors')
const fileOf = (bytes: Uint8Array<ArrayBuffer>, name = 'model.safetensors') => new File([bytes], name)
const schema = createRunSchema(createCatalog())
const text = (bytes: string) => new File([bytes], 'config.json')
/** GPT-2's golden knows 11 tokens. */
const elevenLetters = 'abcdefghij '.repeat(40)

const draft = parseRunConfig(schema, {
  model: { numLayers: 3 },
  stages: [{ totalSteps: 3, batchSize: 2, evaluateEvery: 3 }],
  evaluation: { batches: 1, checkpointEvery: 3, sampleEvery: 0 },
})

let databases = 0
let db: BunsenDatabase
beforeEach(async () => {
  db = await createConnection({ name: `import-weights-${databases++}` }).get()
})

const held = new HeldWeights()
/** What a file is opened as, with the settings above and no preset where nothing else is said. */
async function opened(request: Partial<WeightsRequest> = {}) {
  const usual = { file: fileOf(weights), configFile: null, hasTokenizer: false, draft, presets: [] }
  const found = await openWeights(db, held, { ...usual, ...request })
  if (found?.kind === 'run') throw new Error('Bunsen did not save it')
  return found
}

const planOf = async (
  file = fileOf(weights),
  configFile: File | null = text(String(golden('gpt2/config.json'))),
) => (await opened({ file, configFile }))!.plan

async function prepared({ data, seed }: RunConfig, content = elevenLetters): Promise<string> {
  const made = await prepareWith(new StepRunner(createStepStore(db)), {
    kind: 'text',
    async *content() {
      yield new TextEncoder().encode(content)
    },
    sizeBytes: content.length,
    contentSha256: sha256Hex(new TextEncoder().encode(content)),
    data,
    seed,
  })
  return made.prepared.key
}

const device = () => createDevice({ backend: 'cpu', gpu: null })

async function imported(
  file = fileOf(weights),
  content = elevenLetters,
  configFile: File | null = text(String(golden('gpt2/config.json'))),
) {
  const found = (await opened({ file, configFile }))!
  const { plan } = found
  const preparedKey = await prepared(plan.config, content)
  const request = { ...plan, weights: held.get(found.held), preparedKey, preparedBytes: null }
  const run = await importWeights(db, await device(), request)
  held.release(found.held)
  return { ...run, plan, preparedKey }
}

/** Losses of a run from a start. */
async function lossesFrom(start: RunStart, config: RunConfig, preparedKey: string): Promise<number[]> {
  const data = runData((await loadPrepared(db, { preparedKey, preparedBytes: null }))!, config)
  const session = createTrainSession({ device: await device(), config, facts: data.facts })
  restore(session, start)
  const host = { now: () => 0, loadBest: async () => null, saveCheckpoint: async () => null }
  const controls = { learningRate: null, demands: new Set<never>() }
  const events: TrainEvent[] = []
  const { progress } = start
  for await (const some of trainRun({ session, config, data, host, controls, progress, limit: null }))
    events.push(...some)
  session.dispose()
  return events.flatMap((event) => (event.type === 'metrics' ? (event.values['train/loss'] ?? []) : []))
}

it('a GPT-2 file becomes a run before its first step, with the sizes of the file and all else of the page', async () => {
  const { runId, plan, notices } = await imported()
  expect(plan.config.model).toMatchObject({ kind: 'gpt', numLayers: 2, numHeads: 2, embedDim: 8, seqLen: 6 })
  expect(plan.config.stages).toEqual(draft.stages)
  expect(await getRun(db, runId)).toMatchObject({
    name: 'GPT-2 of model.safetensors',
    status: 'stopped',
    step: 0,
    totalSteps: 3,
  })
  const events = (await readEvents(db, runId)).map(({ event }) => event as { type: string; detail?: string })
  expect(events.flatMap(({ type, detail }) => (type === 'notice' ? detail : []))).toEqual(notices)
  const { bytes } = (await loadCheckpoint(db, runId, 'latest'))!
  const { checkpoint, parentSha256 } = decodeRunCheckpoint(bytes, plan.config)
  expect(parentSha256).toBe(sha256Hex(weights))
  for (const [name, { data }] of readSafetensors(weights).tensors)
    if (checkpoint.tensors.has(name)) expect(checkpoint.tensors.get(name)!.data, name).toEqual(data)
  expect(checkpoint.tensors.has('transformer.h.1.mlp.c_proj.weight')).toBe(true)
})

it('learns bit for bit as a run that begins with the file on the command line', async () => {
  const { runId, plan, preparedKey } = await imported()
  const { config } = plan
  const loaded = (await loadCheckpoint(db, runId, 'latest'))!
  const stored = decodeRunCheckpoint(loaded.bytes, config)
  const { coding } = (await loadPrepared(db, { preparedKey, preparedBytes: null }))!
  const file = { name: 'm', tensors: readSafetensors(weights).tensors, sha256: '' }
  const { start } = weightsStart(file, { config, facts: coding.facts })
  const losses = await lossesFrom(start, config, preparedKey)
  expect(losses).toHaveLength(3)
  expect(await lossesFrom(stored, config, preparedKey)).toEqual(losses)
})

it('takes a preset where the page has another task laid out: one whose head the file has', async () => {
  const presets: ConfigValue[] = [
    { name: 'Hidden', task: 'masked-language-model', data: {}, model: { kind: 'encoder' } },
    {
      name: 'Kinds',
      task: 'text-classification',
      data: { source: { kind: 'bundled', id: 'emoji-names' } },
      model: { kind: 'encoder' },
    },
  ]
  const plan = async (name: string) =>
    (await opened({ file: fileOf(golden(`${name}/model.safetensors`)), presets }))!.plan
  expect(await plan('bert_masked')).toMatchObject({ config: { task: 'masked-language-model' } })
  const classes = await plan('bert_classes')
  expect(classes).toMatchObject({ config: { task: 'text-classification' } })
  expect(classes.notices.join()).toMatch(/those of “Kinds”.*No config\.json told heads 1, activation "gelu"/)
})

it('has pictures brought to the size that a ViT is for', async () => {
  const file = fileOf(golden('vit/model.safetensors'))
  const preset = { name: 'P', task: 'image-classification', model: { kind: 'vit' } }
  const { plan } = (await opened({ file, presets: [preset] }))!
  expect(plan.config.data.images.size).toBe(8)
  expect(plan.notices.join()).toContain('brought to 8 x 8 pixels')
})

const without = (missing: string): Uint8Array<ArrayBuffer> => {
  const { tensors } = readSafetensors(weights)
  tensors.delete(missing)
  return writeSafetensors(tensors, { format: 'pt' })
}

describe('is refused by name and stores nothing', () => {
  it.each<[what: string, words: RegExp, attempt: () => Promise<unknown>]>([
    [
      'cut off',
      /^cut\.safetensors: safetensors: /,
      () => imported(fileOf(weights.subarray(0, 3000) as Uint8Array<ArrayBuffer>, 'cut.safetensors')),
    ],
    [
      'gone since it was dropped',
      /^model\.safetensors: the file .* could not be read/,
      () => {
        const file = fileOf(weights)
        file.arrayBuffer = () => Promise.reject(new Error('NotReadableError'))
        return imported(file)
      },
    ],
    [
      'a missing tensor',
      /^model\.safetensors: .*transformer\.ln_f\.bias must be \[8\], got none/,
      () => imported(fileOf(without('transformer.ln_f.bias'))),
    ],
    [
      'another vocabulary',
      /^model\.safetensors: its vocabulary has 11 tokens, and the data’s with the tokenizer “characters” has 3/,
      () => imported(undefined, 'ab '.repeat(100)),
    ],
    [
      'a config.json that is none',
      /^config\.json: must be a JSON object/,
      () => planOf(undefined, text('[1]')),
    ],
    [
      'a config.json of another model',
      /model type "llama"/,
      () => planOf(undefined, text('{"model_type":"llama"}')),
    ],
    [
      'heads that do not divide the width',
      /model\.embedDim: must be a multiple of numHeads \(3\)/,
      () => planOf(undefined, text('{"n_head":3}')),
    ],
    [
      'an unknown activation',
      /model\.activation: .*mish/,
      () => planOf(undefined, text('{"activation_function":"mish"}')),
    ],
  ])('%s', async (_what, words, attempt) => {
    await expect(attempt()).rejects.toThrow(words)
    expect(await listRuns(db)).toEqual([])
  })

  it('a model that no table of names knows is no plan', async () => {
    const file = fileOf(
      writeSafetensors(
        new Map([['model.norm.weight', readSafetensors(weights).tensors.values().next().value!]]),
        {},
      ),
    )
    expect(await opened({ file })).toBeNull()
  })
})

it('equal files and settings store equal checkpoints', async () => {
  const [a, b] = [await imported(), await imported()]
  const bytes = async (id: string) => sha256Hex((await loadCheckpoint(db, id, 'latest'))!.bytes)
  expect(await bytes(a.runId)).toBe(await bytes(b.runId))
  expect(canonicalJson(a.plan.config)).toBe(canonicalJson(b.plan.config))
})

it('reads a file once, from the drop to the run', async () => {
  const file = fileOf(weights)
  let reads = 0
  for (const how of ['arrayBuffer', 'stream', 'slice', 'text'] as const) {
    const read = (file[how] as () => unknown).bind(file)
    Object.assign(file, { [how]: (...given: []) => (reads++, read(...given)) })
  }
  await imported(file)
  expect(reads).toBe(1)
})

it('lets go of weights, and says so when they are asked for afterwards', async () => {
  const found = (await opened())!
  held.release(found.held)
  expect(() => held.get(found.held)).toThrow(expect.objectContaining({ code: 'weights-gone' }))
})

it('opens the zip that the page makes of a run as a run with the same weights and scores', async () => {
  const first = await imported()
  const { bytes } = (await loadCheckpoint(db, first.runId, 'latest'))!
  const zip = fileOf(zipModel(exportModel(bytes, 'huggingface')), 'letters-model.zip')
  const { file, configFile, tokenizer } = (await unzipWeights(zip))!
  expect(tokenizer).toBeNull()
  const again = await imported(file, elevenLetters, configFile)
  expect(again.name).toBe('GPT-2 of letters-model.zip')
  expect(again.plan.config.model).toEqual(first.plan.config.model)
  const scores = await Promise.all(
    [first, again].map(async ({ runId, plan: { config }, preparedKey }) => {
      const loaded = (await loadCheckpoint(db, runId, 'latest'))!
      return lossesFrom(decodeRunCheckpoint(loaded.bytes, config), config, preparedKey)
    }),
  )
  expect(scores[1]).toEqual(scores[0])
})
