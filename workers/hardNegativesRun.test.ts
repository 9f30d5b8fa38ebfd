import { describe, expect, it } from 'vitest'
import { dataConfig } from '../tests/helpers/dataConfig.ts'
import { bitsOf, engineConfig } from '../tests/helpers/engineConfig.ts'
import type { NamedTensors } from '../src/core/hostTensor.ts'
import type { Prepared } from '../src/core/prepared.ts'
import { createDevice } from '../src/engine/backend/createDevice.ts'
import { models } from '../src/engine/models/registry.ts'
import type { RunProgress, TrainHost } from '../src/engine/training/runContext.ts'
import { neighboursName, withoutNeighbours } from '../src/engine/training/neighbours.ts'
import { freshProgress, trainRun } from '../src/engine/training/trainRun.ts'
import { createTrainSession, type TrainSession } from '../src/engine/training/trainSession.ts'
import { decodeRunCheckpoint, encodeRunCheckpoint, restore } from './checkpointOfRun.ts'
import { runData } from './runData.ts'

const [count, side, tokens] = [10, 8, 3]
const part = {
  count,
  arrays: {
    pixels: Uint8Array.from({ length: count * side * side }, (_, i) => (i * 37 + (i >> 6) * 91) % 256),
    texts: Int32Array.from({ length: count * tokens }, (_, i) => (i * 5 + (i >> 2)) % 9),
    // Items 0 and 1 have the same text.
    textIds: Int32Array.from({ length: count }, (_, i) => Math.max(1, i)),
  },
}
const prepared: Prepared = {
  key: 'a',
  kind: 'images',
  train: part,
  validation: part,
  coding: {
    facts: { image: { height: side, width: side, channels: 1 }, vocabSize: 9, textTokens: tokens },
    tokenizer: null,
    pixels: { means: [0.5], deviations: [0.3] },
  },
  sizeBytes: 0,
}
const sampler = { kind: 'near-items', refreshEvery: 3, neighbours: 2 }
const config = {
  ...engineConfig({
    task: 'image-text',
    model: { kind: 'dual-encoder', ...models.get('dual-encoder').tiny },
    stage: { totalSteps: 8, batchSize: 4, losses: [{ name: 'clip' }], evaluateEvery: 100 },
    evaluation: { batches: 1, checkpointEvery: 1000 },
  }),
  data: dataConfig({ sampler }),
}

describe('batches of near items', () => {
  const data = runData(prepared, config)
  const batchWith = (items: Int32Array | null, step = 2) =>
    data.trainBatch({
      step,
      stageIndex: 0,
      stageStep: step,
      microStep: 0,
      accumulationSteps: 1,
      batchSize: 4,
      neighbours: items && { perItem: 2, items },
    })
  const idsOf = (items: Int32Array | null, step = 2) => [...batchWith(items, step).arrays['textIds']!]

  it('have each second item from the neighbours of the one before', () => {
    // The next two of a ring.
    const ring = Int32Array.from({ length: 2 * count }, (_, i) => ((i >> 1) + 1 + (i % 2)) % count)
    for (let step = 0; step < 20; step++) {
      const ids = idsOf(ring, step)
      for (const first of [0, 2]) {
        const own = [...part.arrays.textIds.keys()].filter(
          (place) => part.arrays.textIds[place] === ids[first],
        )
        const near = own.flatMap((place) => [1, 2].map((by) => part.arrays.textIds[(place + by) % count]!))
        expect(near).toContain(ids[first + 1])
      }
    }
    expect(idsOf(ring)).toEqual(idsOf(ring.slice()))
  })

  it('are shuffled before the model was asked, and where an item has none', () => {
    expect(new Set([0, 1, 2, 3, 4].flatMap((step) => idsOf(null, step))).size).toBeGreaterThan(5)
    expect(idsOf(new Int32Array(2 * count).fill(-1))).toHaveLength(4)
  })

  it('keep to those that a curriculum lets them draw', () => {
    const curriculum = { kind: 'length', startShare: 0.5, overSteps: 1e6, root: 1 }
    const easy = runData(prepared, { ...config, data: dataConfig({ sampler, curriculum }) })
    const ring = Int32Array.from({ length: 2 * count }, (_, i) => ((i >> 1) + 1 + (i % 2)) % count)
    const seen = Array.from({ length: 30 }, (_, step) => {
      const place = { step, stageIndex: 0, stageStep: step, microStep: 0, accumulationSteps: 1, batchSize: 4 }
      return [...easy.trainBatch({ ...place, neighbours: { perItem: 2, items: ring } }).arrays['textIds']!]
    })
    // Half of ten, the next level of 128 up.
    expect(new Set(seen.flat()).size).toBeLessThanOrEqual(6)
    expect(new Set(seen.flat()).size).toBeGreaterThan(3)
  })

  it('are refused of a task that compares nothing', () => {
    const other = engineConfig({ task: 'self-supervised', model: { kind: 'conv-net' } })
    expect(() => runData(prepared, { ...other, data: dataConfig({ sampler }) })).toThrow(
      expect.objectContaining({ code: 'sampler-kind' }) as Error,
    )
  })
})

describe('a run with them', async () => {
  const device = await createDevice({ backend: 'cpu', gpu: null })
  const data = runData(prepared, config)
  const open = () => createTrainSession({ device, config, facts: data.facts })

  async function run(session: TrainSession, progress: RunProgress, limit: number) {
    const saved: { progress: RunProgress; tensors: NamedTensors }[] = []
    const losses: number[] = []
    let clock = 0
    const host: TrainHost = {
      now: () => (clock += 1),
      loadBest: () => Promise.resolve(null),
      saveCheckpoint: (state) => (saved.push(state), Promise.resolve({ sizeBytes: 1 })),
    }
    const controls = { learningRate: null, demands: new Set<never>() }
    for await (const events of trainRun({ session, config, data, host, controls, progress, limit }))
      for (const event of events)
        if (event.type === 'metrics' && 'train/loss' in event.values) losses.push(event.values['train/loss']!)
    return { losses, saved: saved.at(-1)! }
  }

  it.each([3, 5])(
    'stopped at step %i and gone on from its file has the bits of one that was not',
    async (at) => {
      const whole = open()
      const expected = await run(whole, freshProgress(), 8)
      const before = open()
      const first = await run(before, freshProgress(), at)
      const bytes = encodeRunCheckpoint({
        ...first.saved,
        config,
        coding: prepared.coding,
        parent: null,
        branch: null,
      })
      const start = decodeRunCheckpoint(bytes, config)
      expect(start.progress.neighbours).toEqual(first.saved.progress.neighbours)
      // The weights alone, which somebody else's run begins from, are taken without them.
      expect(start.checkpoint.tensors.has(neighboursName)).toBe(true)
      const after = open()
      after.importState(start.checkpoint.tensors, 'weights')
      restore(after, start)
      const rest = await run(after, start.progress, 8)
      expect([...first.losses, ...rest.losses]).toEqual(expected.losses)
      expect(bitsOf(await after.exportState())).toEqual(bitsOf(await whole.exportState()))
      const { items } = expected.saved.progress.neighbours!
      for (let item = 0; item < count; item++) {
        const near = [...items.subarray(2 * item, 2 * item + 2)]
        expect(new Set([item, ...near]).size).toBe(3)
        const { textIds } = part.arrays
        for (const other of near) expect(textIds[other]).not.toBe(textIds[item])
      }
      for (const session of [whole, before, after]) session.dispose()
    },
  )

  it('refuses a file whose places are none', () => {
    const bad = (data: Int32Array) =>
      new Map([[neighboursName, { dtype: 'int32' as const, shape: [2, 2], data }]])
    expect(() => withoutNeighbours(bad(Int32Array.of(0, 1, 2, -1)))).toThrow(/must hold places of items/)
    expect(withoutNeighbours(bad(Int32Array.of(0, 1, 1, -1))).neighbours).toEqual({
      perItem: 2,
      items: Int32Array.of(0, 1, 1, -1),
    })
  })
})
