import { describe, expect, it } from 'vitest'
import { engineConfig, randomBatch, type EngineSettings } from '../../../tests/helpers/engineConfig.ts'
import { gpuForTests } from '../../../tests/helpers/gpu.ts'
import { taskSettings } from '../../../tests/helpers/taskConfigs.ts'
import { smallFacts } from '../../../tests/helpers/taskBatch.ts'
import type { DataFacts } from '../../core/dataFacts.ts'
import type { RunConfig } from '../../core/runConfig.ts'
import { createDevice } from '../backend/createDevice.ts'
import { cpuInfo as cpu } from '../backend/deviceInfo.ts'
import type { LabBackend } from '../backend/labBackend.ts'
import * as tf from '../backend/tfjs.ts'
import { memoryPlan } from './memoryPlan.ts'
import { models } from '../models/registry.ts'
import { oversizedTensor } from './oversized.ts'
import { createTrainSession } from './trainSession.ts'

const gpu = await gpuForTests()
const hasHalf = (await gpu?.requestAdapter())?.features.has('shader-f16') ?? false

describe('memoryPlan', () => {
  it('counts weights, gradients and optimizer exactly', async () => {
    const config = engineConfig()
    const device = await createDevice({ backend: 'cpu', gpu: null })
    const session = createTrainSession({ device, config, facts: { vocabSize: 20 } })
    const plan = memoryPlan(config, { vocabSize: 20 }, cpu)
    expect(plan.parameters).toBe(4 * session.parameterCount)
    expect(plan.gradients).toBe(plan.parameters)
    expect(plan.optimizer).toBe(2 * plan.parameters)
    expect(plan.total).toBe(plan.parameters * 4 + plan.activations + plan.workspace + plan.other)
    session.dispose()
  })

  it('grows with the batch in its activations only, and is the most demanding stage’s', () => {
    const small = memoryPlan(engineConfig({ stage: { batchSize: 4 } }), { vocabSize: 20 }, cpu)
    const large = memoryPlan(
      engineConfig({ stages: [{ batchSize: 4 }, { batchSize: 8 }, { batchSize: 2 }] }),
      { vocabSize: 20 },
      cpu,
    )
    // But for the loss, a number that has no size.
    expect(Math.abs(large.activations - 2 * small.activations)).toBeLessThan(64)
    expect(large.parameters).toBe(small.parameters)
  })

  it('spares gradients and optimizer of frozen weights, and counts a second set for accumulation', () => {
    const plain = memoryPlan(engineConfig(), { vocabSize: 20 }, cpu)
    const frozen = memoryPlan(
      engineConfig({ stage: { components: [{ match: 'transformer.wte', isFrozen: true }] } }),
      { vocabSize: 20 },
      cpu,
    )
    expect(plain.optimizer - frozen.optimizer).toBe(2 * 4 * 20 * 16)
    const accumulated = memoryPlan(engineConfig({ stage: { accumulationSteps: 4 } }), { vocabSize: 20 }, cpu)
    expect(accumulated.gradients).toBe(2 * plain.gradients)
  })

  it('turns on gradient checkpointing in a stage that is over the budget, and only there', () => {
    const settings = { model: { numLayers: 8, embedDim: 128, seqLen: 64 } }
    const stages = [{ batchSize: 4 }, { batchSize: 64 }]
    const planOf = (stage: Record<string, unknown>, memory: Record<string, unknown>) =>
      memoryPlan(engineConfig({ ...settings, stage, memory }), { vocabSize: 20 }, cpu)
    const plain = planOf(stages[1]!, { gradientCheckpointing: 'off' })
    const budgetMegabytes = Math.floor(plain.total / 1e6)
    const needed = planOf(stages[1]!, { budgetMegabytes })
    expect(needed).toMatchObject({ isCheckpointed: true, budget: budgetMegabytes * 1e6 })
    expect(needed.total).toBeLessThan(0.5 * plain.total)
    expect(planOf(stages[1]!, { budgetMegabytes: budgetMegabytes + 1 })).toMatchObject({
      isCheckpointed: false,
      total: plain.total,
    })
    expect(planOf(stages[0]!, { budgetMegabytes }).isCheckpointed).toBe(false)
    expect(planOf(stages[0]!, { gradientCheckpointing: 'on' }).isCheckpointed).toBe(true)
    const both = memoryPlan(
      engineConfig({ ...settings, stages, memory: { budgetMegabytes } }),
      { vocabSize: 20 },
      cpu,
    )
    expect(both).toMatchObject({ stageIndex: 1, total: needed.total })
  })

  it('names the largest tensor and what limits a buffer, and refuses what is beyond it', () => {
    const planAt = (limits: Record<string, number>, batchSize: number, vocabSize = 5000) => {
      const config = engineConfig({ stage: { batchSize } })
      const device = { ...cpu, backend: 'webgpu', limits } as const
      return {
        ...memoryPlan(config, { vocabSize }, device),
        refusal: oversizedTensor(config, { vocabSize }, device),
      }
    }
    const limits = { maxStorageBufferBindingSize: 4 * 12 * 5000 * 10, maxBufferSize: 1e9 }
    const fits = planAt(limits, 10)
    expect(fits.limit).toEqual({ name: 'maxStorageBufferBindingSize', bytes: 2_400_000 })
    expect(fits.largest).toEqual({
      name: 'logits',
      shape: [120, 5000],
      sizeBytes: 4 * 10 * 12 * 5000,
      kind: 'activation',
    })
    expect(fits.refusal).toBeNull()
    const { refusal } = planAt(limits, 64)
    expect(refusal).toMatchObject({ code: 'buffer-too-large', name: 'DeviceError' })
    expect(refusal!.message).toBe(
      'Memory plan: one buffer must stay within the 2.4 MB of this adapter’s maxStorageBufferBindingSize, got 15.4 MB for logits [768, 5000]',
    )
    expect(refusal!.remedy).toMatch(/batch size of at most 10 /)
    // Here hidden values are the largest.
    const wide = { ...limits, maxStorageBufferBindingSize: 4 * 12 * 64 * 2 }
    expect(planAt(wide, 20, 2).refusal!.message).toMatch(/for what “.*” makes \[240, 64\]/)
    expect(planAt(wide, 20, 2).refusal!.remedy).toMatch(/at most 2 /)
    expect(planAt(wide, 2, 2).refusal).toBeNull()
    expect(planAt(wide, 3, 2).refusal).not.toBeNull()
    expect(planAt({ ...limits, maxBufferSize: 1000 }, 1).refusal!.message).toMatch(
      /1 kB of this adapter’s maxBufferSize, got 320 kB for transformer.wte.weight \[5000, 16\]/,
    )
    const long = planAt({ ...limits, maxStorageBufferBindingSize: 4 * 11 * 20000 }, 2, 20000)
    expect(long.refusal!.message).toMatch(/for transformer.wte.weight \[20000, 16\]/)
    expect(memoryPlan(engineConfig(), { vocabSize: 20 }, cpu).limit).toBeNull()
    expect(oversizedTensor(engineConfig(), { vocabSize: 1e9 }, cpu)).toBeNull()
  })

  it('plans what no machine has in no time and no memory', () => {
    const model = { numLayers: 24, embedDim: 8192, seqLen: 2048, numHeads: 64 }
    const config = engineConfig({ model, stage: { batchSize: 4096 } })
    const limits = { maxStorageBufferBindingSize: 2 ** 31, maxBufferSize: 2 ** 31 }
    const device = { ...cpu, isSoftware: false, backend: 'webgpu', limits } as const
    const { total, parameters, isCheckpointed } = memoryPlan(config, { vocabSize: 50257 }, device)
    expect(parameters).toBeGreaterThan(60e9)
    expect(isCheckpointed).toBe(true)
    expect(total).toBeGreaterThan(parameters * 4 + 1e12)
    expect(oversizedTensor(config, { vocabSize: 50257 }, device)).not.toBeNull()
  })

  it('is asked before a session takes any memory', async () => {
    const device = await createDevice({ backend: 'cpu', gpu: null })
    const before = device.memory()
    const limits = { maxStorageBufferBindingSize: 1000, maxBufferSize: 2000 }
    const small = { ...device, info: { ...device.info, backend: 'webgpu', limits } as const }
    expect(() =>
      createTrainSession({ device: small, config: engineConfig(), facts: { vocabSize: 20 } }),
    ).toThrow(/within the 1 kB of this adapter’s maxStorageBufferBindingSize/)
    expect(device.memory()).toEqual(before)
  })

  describe.skipIf(gpu === null)(
    gpu === null ? 'beside a recorded step: skipped, there is no WebGPU adapter' : 'beside a recorded step',
    () => {
      // Heads of at most 32: llvmpipe, where tests run, gets the twin for longer ones, with all its T × T weights.
      const base = { embedDim: 64, seqLen: 32, numHeads: 4 }
      const sizes: [string, EngineSettings, number][] = [
        ['the default', { model: { numLayers: 4, embedDim: 128 } }, 65],
        ['a large vocabulary', {}, 5000],
        ['logits in parts, an untied head', { model: { isHeadTied: false } }, 20_000],
        [
          'norms after, stochastic depth, dropout',
          { model: { normPlace: 'post', dropPathRate: 0.2, dropoutRate: 0.2 } },
          65,
        ],
        [
          'accumulation, SGD, a frozen table',
          {
            model: { numLayers: 6 },
            stage: {
              accumulationSteps: 2,
              optimizer: { kind: 'sgd' },
              components: [{ match: 'transformer.wte', isFrozen: true }],
            },
          },
          65,
        ],
        ['Muon', { stage: { optimizer: { kind: 'muon' } } }, 65],
        ['Adafactor', { stage: { optimizer: { kind: 'adafactor' } } }, 65],
      ]

      it.each(sizes)('is what the session’s own recording takes: %s', (_name, settings, vocabSize) =>
        expectSame(settings, vocabSize),
      )

      const expectSame = (settings: EngineSettings, vocabSize: number) => {
        const { model, stage } = settings
        const whole = { model: { ...base, ...model }, stage: { batchSize: 64, ...stage } }
        return expectCounted(
          ['off', 'on'].map((gradientCheckpointing) =>
            engineConfig({ ...whole, memory: { gradientCheckpointing } }),
          ),
          { vocabSize },
        )
      }

      it.each(taskSettings)('is so whatever is trained: %s', (_name, settings) => {
        const { hasBlocks, id } = models.get(String(settings.model!['kind']))
        const isEncoder = id === 'encoder'
        const configs = [
          { precision: 'float32', gradientCheckpointing: 'off' },
          // An encoder's norms come after its parts, where nothing is stored in 16 bits.
          ...(hasBlocks
            ? [{ precision: hasHalf && !isEncoder ? 'mixed' : 'float32', gradientCheckpointing: 'on' }]
            : []),
        ].map(({ precision, gradientCheckpointing }) =>
          engineConfig({
            ...settings,
            stage: { ...settings.stage, precision },
            memory: { gradientCheckpointing },
          }),
        )
        return expectCounted(configs, smallFacts)
      })

      async function expectCounted(configs: RunConfig[], facts: DataFacts): Promise<void> {
        const device = await createDevice({ backend: 'webgpu', gpu })
        const backend = tf.backend() as LabBackend
        // Both forms of the kernels, those of software and those of hardware.
        for (const isSoftware of [true, false]) {
          backend.isSoftware = isSoftware
          for (const config of configs) {
            const session = createTrainSession({ device, config, facts })
            const plan = memoryPlan(config, facts, { ...device.info, isSoftware })
            expect(plan).toMatchObject(session.plannedMemory()!)
            expect(plan.isExact).toBe(true)
            session.dispose()
          }
        }
        device.dispose()
      }

      it('counts before a step that nobody prepared, and leaves its numbers as they are', async () => {
        const lossOf = async (isPlanned: boolean): Promise<number[]> => {
          const device = await createDevice({ backend: 'webgpu', gpu })
          const session = createTrainSession({ device, config: engineConfig(), facts: { vocabSize: 11 } })
          if (isPlanned) expect(session.plannedMemory()!.activations).toBeGreaterThan(0)
          const batch = randomBatch({ batchSize: 3, seqLen: 12, vocabSize: 11, seed: 1 })
          const request = { step: 0, stageStep: 0, batches: [batch], learningRate: 0.01 }
          const { loss, gradNorm } = await session.step(request).read()
          const after = (await session.evaluate(batch)).loss
          expect(session.refusal).toBeNull()
          session.dispose()
          device.dispose()
          return [loss, gradNorm, after]
        }
        expect(await lossOf(true)).toEqual(await lossOf(false))
      })

      it('takes no memory to count, and then takes what was counted', async () => {
        const device = await createDevice({ backend: 'webgpu', gpu })
        const config = engineConfig({ model: { embedDim: 64, seqLen: 32 }, stage: { batchSize: 8 } })
        const session = createTrainSession({ device, config, facts: { vocabSize: 65 } })
        const before = session.memory()
        const planned = session.plannedMemory()!
        expect(before).toMatchObject({ activations: 0, workspace: 0 })
        expect(session.memory()).toMatchObject({ activations: 0, workspace: 0 })
        await session.prepareStep(() => {})
        const { other, ...taken } = session.memory()
        expect(planned).toMatchObject(taken)
        // With what a program keeps of its own: constants and readings.
        expect(other - planned.other).toBeLessThan(20_000)
        session.dispose()
        device.dispose()
      })
    },
  )
})
