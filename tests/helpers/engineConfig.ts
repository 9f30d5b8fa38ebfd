import type { Catalog, CatalogEntry } from '../../src/core/catalog.ts'
import { createRunSchema, parseRunConfig, type RunConfig } from '../../src/core/runConfig.ts'
import { Generator } from '../../src/core/rng.ts'
import type { HostTensor, NamedTensors } from '../../src/core/hostTensor.ts'
import { lossEntries } from '../../src/engine/losses/registry.ts'
import { modelEntries } from '../../src/engine/models/registry.ts'
import { optimizerEntries } from '../../src/engine/optim/registry.ts'
import { scheduleEntries } from '../../src/engine/optim/schedules/registry.ts'
import { taskEntries } from '../../src/engine/tasks/registry.ts'
import type { Batch } from '../../src/engine/training/trainSession.ts'

const anything: CatalogEntry = { id: 'any', title: 'Any', summary: 'Not used by the engine.', fields: {} }

/** What the engine registers, beside stand-ins for the data's parts. */
const catalog: Catalog = {
  // With every model, so that those are tested too that no task trains yet.
  tasks: taskEntries.map((task) => ({ ...task, models: modelEntries.map(({ id }) => id) })),
  models: modelEntries,
  losses: lossEntries,
  optimizers: optimizerEntries,
  schedules: scheduleEntries,
  tokenizers: [anything],
  transforms: [anything],
  augmentations: [anything],
  textAugmentations: [anything],
  splits: [anything],
  samplers: [anything],
  difficulties: [anything],
  bundled: [
    {
      id: 'any',
      title: 'Any',
      summary: 'Not used by the engine.',
      kind: 'text',
      sizeBytes: 1,
      sha256: '0'.repeat(64),
      file: 'any.txt',
      licence: 'CC0-1.0',
      origin: 'tests',
    },
  ],
}

export const engineSchema = createRunSchema(catalog)

export interface EngineSettings {
  seed?: number
  task?: string
  data?: Record<string, unknown>
  model?: Record<string, unknown>
  stage?: Record<string, unknown>
  stages?: Record<string, unknown>[]
  memory?: Record<string, unknown>
  evaluation?: Record<string, unknown>
  kernels?: 'table' | 'measured'
}

const tinyGpt = { kind: 'gpt', numLayers: 2, numHeads: 2, embedDim: 16, seqLen: 12 }

/** A validated config of a model that is tiny enough for finite differences. */
export function engineConfig(settings: EngineSettings = {}): RunConfig {
  const { seed, task, data, model, stage, stages, memory = {}, evaluation = {}, kernels = 'table' } = settings
  return parseRunConfig(engineSchema, {
    ...(seed === undefined ? {} : { seed }),
    ...(task === undefined ? {} : { task }),
    ...(data === undefined ? {} : { data }),
    // Another model's settings are its own.
    model: model?.['kind'] === undefined ? { ...tinyGpt, ...model } : model,
    stages: stages ?? [{ batchSize: 3, ...stage }],
    memory,
    evaluation,
    kernels,
  })
}

/** Tokens and targets that depend on nothing but the arguments. */
export function randomBatch(options: {
  batchSize: number
  seqLen: number
  vocabSize: number
  seed: number
}): Batch {
  const { batchSize, seqLen, vocabSize, seed } = options
  const size = batchSize * seqLen
  const generator = new Generator(seed, 'tests/batch')
  const draw = (step: number) =>
    Int32Array.from({ length: size }, (_, i) => generator.below(vocabSize, step, i))
  return { arrays: { ids: draw(0), targets: draw(1) }, batchSize }
}

/** The bits of every tensor, so that equality means equality. */
export function bitsOf(tensors: NamedTensors): Record<string, string> {
  const hex = ({ data }: HostTensor) =>
    Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex')
  return Object.fromEntries([...tensors].map(([name, tensor]) => [name, hex(tensor)]))
}
