import { describe, expect, it } from 'vitest'
import { createCatalog } from '../../workers/catalog.ts'
import { ConfigError } from './errors.ts'
import { migrateConfig } from './migrate.ts'
import { createRunSchema, parseRunConfig } from './runConfig.ts'

/** What version 1 stored for a run, as it lay in the database: later versions must go on reading it. */
const storedV1 = {
  data: {
    sampler: { kind: 'random-windows' },
    source: { id: 'moby-dick-opening', kind: 'bundled' },
    split: { fraction: 0.1, kind: 'tail' },
    tokenizer: { kind: 'characters', maxVocabSize: 4096 },
    transforms: [],
  },
  model: { kind: 'gpt', numLayers: 2, numHeads: 2, embedDim: 32, seqLen: 32, isHeadTied: false },
  name: '',
  seed: 0,
  stages: [
    {
      totalSteps: 12,
      batchSize: 4,
      evaluateEvery: 5,
      losses: [{ name: 'cross-entropy', weight: 1 }],
      optimizer: { kind: 'adamw', learningRate: 0.003, weightDecay: 0.1 },
      schedule: { kind: 'cosine', warmupSteps: 100 },
      earlyStopping: { isEnabled: true, patience: 2, minDelta: 0 },
    },
  ],
  task: 'language-model',
  version: 1,
}
const schema = createRunSchema(createCatalog())

describe('stored configurations', () => {
  it('of version 1 are read with every value that they hold', () => {
    const { stages, data, ...rest } = parseRunConfig(schema, JSON.parse(JSON.stringify(storedV1)))
    expect({ stages, data, ...rest }).toMatchObject(storedV1)
  })

  it.each([2, 99, Number.MAX_SAFE_INTEGER])('of the newer version %i are refused in words', (version) => {
    const parse = () => parseRunConfig(schema, { ...storedV1, version })
    expect(parse).toThrow(ConfigError)
    expect(parse).toThrow(/comes from a newer Bunsen/)
  })

  it.each([0, -1, 1.5, '1', null, NaN])('of the version %s are refused', (version) => {
    expect(migrateConfig({ version })).toMatchObject({ isValid: false, issues: [{ path: ['version'] }] })
  })

  it.each([
    [null, 'null'],
    [[], 'a list'],
    ['char-gpt', 'string'],
  ])('that are %j are refused with what they are', (value, got) => {
    expect(migrateConfig(value)).toMatchObject({
      issues: [{ message: `A configuration must be a JSON object, got ${got}` }],
    })
  })
})
