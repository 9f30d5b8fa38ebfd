import { describe, expect, it } from 'vitest'
import {
  bitsOf,
  engineConfig,
  randomBatch,
  type EngineSettings,
} from '../../../tests/helpers/engineConfig.ts'
import { gpuForTests } from '../../../tests/helpers/gpu.ts'
import { createDevice } from '../backend/createDevice.ts'
import { createTrainSession, type StepReadings, type TrainSession } from './trainSession.ts'

const gpu = await gpuForTests()
const vocabSize = 11
const batchAt = (seed: number) => randomBatch({ batchSize: 3, seqLen: 12, vocabSize, seed })

/** Readings of steps `from` to `to`, and the bits of all tensors afterwards. */
async function train(session: TrainSession, from: number, to: number, microBatches: number) {
  const readings: StepReadings[] = []
  for (let step = from; step < to; step++) {
    const batches = Array.from({ length: microBatches }, (_, i) => batchAt(100 * step + i))
    // A rate that moves, as under a schedule.
    const learningRate = 1e-2 / (1 + step)
    readings.push(await session.step({ step, stageStep: step, batches, learningRate }).read())
  }
  return { readings, bits: bitsOf(await session.exportState()) }
}

const variants: [string, EngineSettings, number][] = [
  [
    'dropout, clipping, tied head, averaged weights',
    {
      model: { dropoutRate: 0.2 },
      stage: { gradClipNorm: 0.3, weightAverage: { isEnabled: true, decay: 0.9 } },
    },
    1,
  ],
  [
    'rotary, RMSNorm, SwiGLU, untied, three batches an update',
    {
      model: {
        positions: 'rotary',
        norm: 'rms-norm',
        activation: 'swiglu',
        isHeadTied: false,
        dropoutRate: 0.1,
      },
      stage: { accumulationSteps: 3, optimizer: { kind: 'adamw', isAmsgrad: true } },
    },
    3,
  ],
  [
    'Muon with an untied head, two batches an update',
    {
      model: { isHeadTied: false, dropoutRate: 0.1 },
      stage: {
        accumulationSteps: 2,
        optimizer: { kind: 'muon' },
        components: [
          { match: 'transformer.h.0.mlp', isFrozen: true, learningRateMultiplier: 1 },
          { match: 'transformer.h.1', isFrozen: false, learningRateMultiplier: 0.1 },
        ],
      },
    },
    2,
  ],
  [
    'Adafactor with a running mean of steps',
    {
      model: { numLayers: 1 },
      stage: {
        gradClipNorm: 0.005,
        gradClipNormKind: 'max',
        gradClipValue: 0.01,
        optimizer: { kind: 'adafactor', beta1: 0.9, weightDecay: 0.1 },
      },
    },
    1,
  ],
  [
    'frozen and slowed weights, two losses',
    {
      model: { activation: 'gelu-exact' },
      stage: {
        components: [
          { match: 'transformer.wte', isFrozen: true, learningRateMultiplier: 1 },
          { match: 'transformer.h.0', isFrozen: false, learningRateMultiplier: 0.1 },
        ],
        losses: [
          { name: 'cross-entropy', weight: 1 },
          { name: 'cross-entropy', weight: 0.5, params: { labelSmoothing: 0.1 } },
        ],
      },
    },
    1,
  ],
]

describe.skipIf(gpu === null)(
  gpu === null ? 'a recorded step: skipped, there is no WebGPU adapter' : 'a recorded step',
  () => {
    it.each(variants)(
      'equals the same operations one by one, bit for bit, over 50 steps: %s',
      async (_name, settings, microBatches) => {
        const device = await createDevice({ backend: 'webgpu', gpu })
        const config = engineConfig(settings)
        const eager = createTrainSession({ device, config, facts: { vocabSize }, isEager: true })
        const recorded = createTrainSession({ device, config, facts: { vocabSize } })
        const expected = await train(eager, 0, 50, microBatches)
        expect(await train(recorded, 0, 50, microBatches)).toEqual(expected)
        expect(recorded.refusal).toBeNull()
        for (const batch of [batchAt(7), batchAt(8)])
          expect((await recorded.evaluate(batch)).loss).toBe((await eager.evaluate(batch)).loss)
        for (const tokens of [[1, 2, 3], [4]])
          expect(await recorded.nextLogits(tokens)).toEqual(await eager.nextLogits(tokens))
        eager.dispose()
        recorded.dispose()
        device.throwIfFailed()
        device.dispose()
      },
    )

    it.each([
      ['AdamW', variants[0]![1]],
      ['Muon', { stage: { optimizer: { kind: 'muon' } } }],
      ['Adafactor', { stage: { optimizer: { kind: 'adafactor', beta1: 0.5 } } }],
      ['RMSprop', { stage: { optimizer: { kind: 'rmsprop', momentum: 0.5 } } }],
    ])(
      'goes on from a checkpoint of the middle with the same bits, on another device: %s',
      async (_name, settings) => {
        const config = engineConfig(settings)
        const first = await createDevice({ backend: 'webgpu', gpu })
        const whole = createTrainSession({ device: first, config, facts: { vocabSize } })
        await train(whole, 0, 6, 1)
        const saved = await whole.exportState()
        const expected = await train(whole, 6, 12, 1)
        whole.dispose()
        first.dispose()
        const second = await createDevice({ backend: 'webgpu', gpu })
        const resumed = createTrainSession({ device: second, config, facts: { vocabSize } })
        resumed.importState(saved, 'all')
        expect(await train(resumed, 6, 12, 1)).toEqual(expected)
        resumed.dispose()
        second.dispose()
      },
    )

    it('changes no bits when its dispatches are timed, and tells where the time and the memory go', async () => {
      const device = await createDevice({ backend: 'webgpu', gpu })
      const config = engineConfig(variants[0]![1])
      const [plain, timed] = [0, 1].map(() => createTrainSession({ device, config, facts: { vocabSize } }))
      await train(plain!, 0, 3, 1)
      await train(timed!, 0, 2, 1)
      const request = { step: 2, stageStep: 2, batches: [batchAt(200)], learningRate: 1e-2 / 3 }
      const { pending, profile } = timed!.stepTimed(request)
      pending.discard()
      const { dispatches, submits, memory, unplannedBytes, lowerBoundBytes, peaks } = await profile
      expect(submits).toBe(1)
      expect(bitsOf(await timed!.exportState())).toEqual(bitsOf(await plain!.exportState()))
      expect(memory).toEqual(timed!.memory())
      const withinStep = memory.activations + memory.workspace
      expect(withinStep).toBeGreaterThanOrEqual(lowerBoundBytes)
      expect(withinStep).toBeLessThan(unplannedBytes)
      if (device.gpuDevice!.features.has('timestamp-query')) {
        expect(dispatches!.length).toBeGreaterThan(50)
        expect(dispatches!.at(-1)!.startMs).toBeGreaterThan(0)
        expect(dispatches!.every(({ label, durationMs }) => label !== '' && durationMs >= 0)).toBe(true)
        expect(peaks!.flopsPerSecond).toBeGreaterThan(1e7)
      } else expect(dispatches).toBeNull()
      plain!.dispose()
      timed!.dispose()
      device.dispose()
    })

    it('takes nothing new from step to step, and gives all back', async () => {
      const device = await createDevice({ backend: 'webgpu', gpu })
      const start = device.memory().usedBytes
      const session = createTrainSession({
        device,
        config: engineConfig(variants[0]![1]),
        facts: { vocabSize },
      })
      await session.prepareStep(() => {})
      await session.prepareOthers()
      await train(session, 0, 3, 1)
      const before = device.memory()
      await train(session, 3, 40, 1)
      expect(device.memory()).toEqual(before)
      const parts = Object.values(session.memory()).reduce((sum, bytes) => sum + bytes, 0)
      expect(parts).toBeLessThanOrEqual(before.usedBytes)
      session.dispose()
      device.trim()
      expect(device.memory().usedBytes - start).toBeLessThan(20_000)
      device.dispose()
    })
  },
)
