import { describe, expect, it } from 'vitest'
import {
  bitsOf,
  engineConfig,
  randomBatch,
  type EngineSettings,
} from '../../../tests/helpers/engineConfig.ts'
import { describeOnDevices, gpuForTests } from '../../../tests/helpers/gpu.ts'
import type { RunConfig } from '../../core/runConfig.ts'
import { createDevice, type EngineDevice } from '../backend/createDevice.ts'
import { createTrainSession, type StepReadings, type TrainSession } from './trainSession.ts'

const vocabSize = 11
const batchAt = (seed: number) => randomBatch({ batchSize: 3, seqLen: 12, vocabSize, seed })

const variants: [string, EngineSettings][] = [
  ['dropout, clipping, tied head', { model: { dropoutRate: 0.2 }, stage: { gradClipNorm: 0.3 } }],
  [
    'stochastic depth, dropout of attention, norms of heads and after parts',
    { model: { dropPathRate: 0.3, dropoutRate: 0.2, hasHeadNorm: true, normPlace: 'post' } },
  ],
  [
    'rotary, RMSNorm, SwiGLU, no biases, two batches an update',
    {
      model: {
        positions: 'rotary',
        norm: 'rms-norm',
        activation: 'swiglu',
        isHeadTied: false,
        hasBias: false,
        dropoutRate: 0.1,
      },
      stage: { accumulationSteps: 2 },
    },
  ],
  [
    'frozen weights, of a block too',
    {
      stage: {
        components: [
          { match: 'transformer.wte', isFrozen: true },
          { match: 'transformer.h.0.attn', isFrozen: true },
        ],
      },
    },
  ],
]

/** Readings of six updates, and what they lead to. */
async function train(session: TrainSession) {
  const readings: StepReadings[] = []
  const { accumulationSteps } = session.config.stages[0]!
  for (let step = 0; step < 6; step++) {
    const batches = Array.from({ length: accumulationSteps }, (_, i) => batchAt(10 * step + i))
    readings.push(await session.step({ step, stageStep: step, batches, learningRate: 1e-2 }).read())
  }
  return {
    readings,
    bits: bitsOf(await session.exportState()),
    loss: (await session.evaluate(batchAt(99))).loss,
  }
}

async function trained(device: EngineDevice, config: RunConfig, isEager: boolean) {
  const session = createTrainSession({ device, config, facts: { vocabSize }, isEager })
  const result = await train(session)
  expect(session.refusal).toBeNull()
  const memory = session.memory()
  session.dispose()
  return { result, memory }
}

await describeOnDevices('gradient checkpointing', (device) => {
  it.each(variants)(
    'changes no bit of losses, weights and optimizer, recorded or not: %s',
    async (_name, settings) => {
      const plain = engineConfig({ ...settings, memory: { gradientCheckpointing: 'off' } })
      const saving = engineConfig({ ...settings, memory: { gradientCheckpointing: 'on' } })
      const expected = await trained(device(), plain, true)
      expect((await trained(device(), saving, true)).result).toEqual(expected.result)
      expect((await trained(device(), saving, false)).result).toEqual(expected.result)
    },
  )
})

const gpu = await gpuForTests()

describe.skipIf(gpu === null)(
  gpu === null ? 'gradient checkpointing: skipped, there is no WebGPU adapter' : 'gradient checkpointing',
  () => {
    it('takes less memory the deeper the model is', async () => {
      const device = await createDevice({ backend: 'webgpu', gpu })
      const memoryOf = async (numLayers: number, gradientCheckpointing: string) => {
        const config = engineConfig({ model: { numLayers }, memory: { gradientCheckpointing } })
        return (await trained(device, config, false)).memory
      }
      const [low, high, plain] = [await memoryOf(2, 'on'), await memoryOf(6, 'on'), await memoryOf(6, 'off')]
      // Of a block only its input stays: 16 numbers for each of 3 * 12 tokens.
      expect(high.activations - low.activations).toBe(4 * 4 * 16 * 36)
      expect(high.activations + high.workspace).toBeLessThan(0.5 * (plain.activations + plain.workspace))
      const { parameters, gradients, optimizer } = plain
      expect(high).toMatchObject({ parameters, gradients, optimizer })
      device.dispose()
    })
  },
)
