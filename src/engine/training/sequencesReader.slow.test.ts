import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { engineConfig } from '../../../tests/helpers/engineConfig.ts'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { randomTaskBatch, smallFacts } from '../../../tests/helpers/taskBatch.ts'
import { greedy } from '../../core/sampling.ts'
import { createDevice, type EngineDevice } from '../backend/createDevice.ts'
import { memory } from '../backend/tfjs.ts'
import { beamSearch } from '../generation/beamSearch.ts'
import { models } from '../models/registry.ts'
import { StoredKeyValues } from '../nn/keyValueCache.ts'
import { createTrainSession, type Batch, type TrainSession } from './trainSession.ts'
import { promptWriter, writeEach } from './writing.ts'

const facts = { ...smallFacts, targetTokens: 7 }
const [batchSize, seqLen, readLen] = [4, 8, 6]

const variants: Record<string, Record<string, unknown>> = {
  'sinusoidal positions': {},
  'learned positions, tables of their own': { positions: 'learned', sharing: 'none', numDecoderLayers: 2 },
  'rotary positions, grouped heads, RMSNorm': { positions: 'rotary', numKeyHeads: 1, norm: 'rms-norm' },
  'norms of heads, SwiGLU, no biases': {
    positions: 'rotary',
    rotaryStyle: 'interleaved',
    hasHeadNorm: true,
    activation: 'swiglu',
    hasBias: false,
  },
  'ALiBi, norms after parts': { positions: 'alibi', normPlace: 'post' },
}

const configOf = (settings: Record<string, unknown>) =>
  engineConfig({
    task: 'translation',
    model: {
      kind: 'encoder-decoder',
      ...models.get('encoder-decoder').tiny,
      seqLen,
      ...settings,
    },
    stage: { batchSize, losses: [{ name: 'cross-entropy' }] },
  })

/** With weights that are large enough for texts to differ. */
async function open(device: EngineDevice, settings: Record<string, unknown>): Promise<TrainSession> {
  const session = createTrainSession({ device, config: configOf(settings), facts })
  const weights = await session.exportState()
  for (const { data } of weights.values()) data.forEach((value, i) => (data[i] = 3 * Number(value)))
  session.importState(weights, 'all')
  return session
}

/** Texts of different lengths. */
function batchOf({ config }: TrainSession, seed = 1): Batch {
  const batch = randomTaskBatch(config, { batchSize, seed }, facts)
  const lengths = [6, 4, 1, 3]
  const textMask = Int32Array.from({ length: batchSize * readLen }, (_, at) =>
    at % readLen < lengths[Math.floor(at / readLen)]! ? 1 : 0,
  )
  return { ...batch, arrays: { ...batch.arrays, textMask } }
}

type Reading = Pick<TrainSession, 'config' | 'facts' | 'nextLogits' | 'nextOfEach'>

/** Reads all of source and target each time: what is kept is of other texts. */
function readingWhole(session: TrainSession): Reading {
  return {
    config: session.config,
    facts: session.facts,
    nextLogits: (tokens) => session.nextLogits(tokens),
    async nextOfEach(batch, row) {
      const texts = (batch.arrays['texts'] as Int32Array).map((id) => (id + 1) % facts.vocabSize!)
      await session.nextOfEach({ ...batch, arrays: { ...batch.arrays, texts } }, row)
      return session.nextOfEach(batch, row)
    },
  }
}

function expectNear(found: Float32Array, wanted: Float32Array): void {
  expect(found).toHaveLength(wanted.length)
  found.forEach((score, at) => expect(Math.abs(score - wanted[at]!)).toBeLessThan(1e-4))
}

const beamOptions = { ...greedy, count: seqLen, beams: 3, lengthPenalty: 1, isEarlyStopping: false }

function findTexts(session: Reading) {
  const writer = promptWriter(session, [3, 1, 4], beamOptions.beams)
  return beamSearch(writer.model, { ...writer, ...beamOptions })
}

function suite(settings: Record<string, unknown>, device: () => EngineDevice): void {
  it('scores every place as reading the whole does', async () => {
    const [session, other] = [await open(device(), settings), await open(device(), settings)]
    const batch = batchOf(session)
    for (let row = 0; row < seqLen; row++) {
      const wanted = await readingWhole(other).nextOfEach(batch, row)
      expectNear(await session.nextOfEach(batch, row), wanted)
    }
    session.dispose()
    other.dispose()
  })

  it('writes the same texts greedily', async () => {
    const session = await open(device(), settings)
    const texts = await writeEach(session, batchOf(session), batchSize)
    expect(texts).toEqual(await writeEach(readingWhole(session), batchOf(session), batchSize))
    const each = Array.from({ length: batchSize }, (_, item) =>
      texts.subarray(item * seqLen, (item + 1) * seqLen).join(' '),
    )
    expect(new Set(each).size).toBeGreaterThan(1)
    session.dispose()
  })

  it('finds the same texts by beams, which it moves', async () => {
    const session = await open(device(), settings)
    const moved = vi.spyOn(StoredKeyValues.prototype, 'reorder')
    const texts = await findTexts(session)
    expect(moved).toHaveBeenCalled()
    moved.mockRestore()
    const wanted = await findTexts(readingWhole(session))
    expect(texts.map(({ tokens }) => tokens)).toEqual(wanted.map(({ tokens }) => tokens))
    texts.forEach(({ score }, i) => expect(score).toBeCloseTo(wanted[i]!.score, 4))
    session.dispose()
  })
}

describe('writing token by token on cpu', () => {
  let device: EngineDevice
  beforeAll(async () => {
    device = await createDevice({ backend: 'cpu', gpu: null })
  })
  afterAll(() => device.dispose())

  describe.each(Object.entries(variants))('%s', (_name, settings) => suite(settings, () => device))

  it('reads source and start once, then one token of each', async () => {
    const session = await open(device, {})
    const forward = vi.spyOn(models.get('encoder-decoder'), 'forward')
    await writeEach(session, batchOf(session), batchSize)
    await findTexts(session)
    const lengths = forward.mock.calls.map(([, , { sequencePairs }]) => sequencePairs!.target.seqLen)
    forward.mockRestore()
    // Two texts, of which each begins with the whole.
    expect(lengths.filter((length) => length === seqLen)).toHaveLength(2)
    expect(lengths.filter((length) => length === 1)).toHaveLength(lengths.length - 2)
    expect(lengths.length).toBeGreaterThan(seqLen)
    session.dispose()
  })

  it('forgets what it read when weights change', async () => {
    const [session, other] = [await open(device, {}), await open(device, {})]
    const batch = batchOf(session)
    await session.nextOfEach(batch, 2)
    await session.step({ step: 0, stageStep: 0, batches: [batch], learningRate: 0.1 }).read()
    other.importState(await session.exportState(), 'all')
    expectNear(await session.nextOfEach(batch, 3), await other.nextOfEach(batch, 3))
    session.dispose()
    other.dispose()
  })
})

await describeOnDevices('writing token by token', (device) => {
  suite(variants['rotary positions, grouped heads, RMSNorm']!, device)

  it('leaves no tensors behind', async () => {
    const session = await open(device(), {})
    await findTexts(session)
    const { numTensors } = memory()
    await findTexts(session)
    expect(memory().numTensors).toBe(numTensors)
    session.dispose()
  })
})
