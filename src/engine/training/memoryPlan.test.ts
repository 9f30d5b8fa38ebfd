import { describe, expect, it } from 'vitest'
import { engineConfig, randomBatch, type EngineSettings } from '../../../tests/helpers/engineConfig.ts'
import { gpuForTests } from '../../../tests/helpers/gpu.ts'
import { createDevice } from '../backend/createDevice.ts'
import type { LabBackend } from '../backend/labBackend.ts'
import * as tf from '../backend/tfjs.ts'
import { exactPlan, memoryPlan } from './memoryPlan.ts'
import { oversizedTensor } from './oversized.ts'
import { createTrainSession } from './trainSession.ts'

const cpu = { backend: 'cpu', limits: {} } as const

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
    expect(plan.total).toBe(plan.parameters * 4 + plan.activations + plan.workspace)
    session.dispose()
  })

  it('grows with the batch in its activations only, and is the most demanding stage’s', () => {
    const small = memoryPlan(engineConfig({ stage: { batchSize: 4 } }), { vocabSize: 20 }, cpu)
    const large = memoryPlan(
      engineConfig({ stages: [{ batchSize: 4 }, { batchSize: 8 }, { batchSize: 2 }] }),
      { vocabSize: 20 },
      cpu,
    )
    expect(large.activations).toBe(2 * small.activations)
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
      const device = { backend: 'webgpu', limits } as const
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
    // Here hidden values are larger than queries, keys and values, which would not fit either: the advice holds for both.
    const wide = { ...limits, maxStorageBufferBindingSize: 4 * 12 * 16 * 10 }
    expect(planAt(wide, 20, 2).refusal!.message).toMatch(/hidden values/)
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
      const modern = { activation: 'swiglu', positions: 'rotary', norm: 'rms-norm' }
      // Heads of at most 32: llvmpipe, where tests run, gets the twin for longer ones, with all its T × T weights.
      const base = { embedDim: 64, seqLen: 32, numHeads: 4 }
      const sizes: [string, EngineSettings, number][] = [
        ['the default', { model: { numLayers: 4, embedDim: 128 } }, 65],
        ['dropout', { model: { numLayers: 3, dropoutRate: 0.2 } }, 65],
        ['a large vocabulary', {}, 5000],
        ['a vocabulary whose logits are made in parts', {}, 20_000],
        ['the same with an untied head', { model: { isHeadTied: false } }, 20_000],
        ['an untied head', { model: { isHeadTied: false } }, 5000],
        ['SwiGLU, rotary, RMSNorm', { model: { ...modern, numLayers: 6, mlpRatio: 2.5 } }, 65],
        [
          'grouped heads with norms, ALiBi',
          { model: { numLayers: 6, numKeyHeads: 2, hasHeadNorm: true, positions: 'alibi' } },
          65,
        ],
        ['norms after', { model: { numLayers: 6, normPlace: 'post', positions: 'sinusoidal' } }, 65],
        ['stochastic depth', { model: { numLayers: 6, dropPathRate: 0.2 } }, 65],
        ['a narrow feed-forward layer', { model: { ...modern, mlpRatio: 0.5 } }, 65],
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
        ['more table than batch', { model: { embedDim: 128, seqLen: 2 }, stage: { batchSize: 8 } }, 1000],
      ]

      const mixedSizes: typeof sizes = [
        ['the default', { model: { numLayers: 4 }, stage: { precision: 'mixed' } }, 65],
        ['norms of heads', { model: { numLayers: 6, hasHeadNorm: true }, stage: { precision: 'mixed' } }, 65],
        [
          'SwiGLU, rotary, RMSNorm, dropout',
          { model: { ...modern, numLayers: 6, dropoutRate: 0.1 }, stage: { precision: 'mixed' } },
          65,
        ],
      ]

      it.each(sizes)(
        'is exact in what lasts, and nearly so in what does not: %s',
        (_name, settings, vocabSize) => expectNear(settings, vocabSize),
      )

      it.skipIf(!hasHalf).each(mixedSizes)(
        `is so in mixed precision${hasHalf ? '' : ': skipped, the adapter has no shader-f16'}: %s`,
        (_name, settings, vocabSize) => expectNear(settings, vocabSize),
      )

      async function expectNear(settings: EngineSettings, vocabSize: number): Promise<void> {
        const device = await createDevice({ backend: 'webgpu', gpu })
        const backend = tf.backend() as LabBackend
        // Both forms of the kernels, those of software and those of hardware.
        for (const isSoftware of [true, false]) {
          backend.isSoftware = isSoftware
          for (const gradientCheckpointing of ['off', 'on']) {
            const config = engineConfig({
              model: { ...base, ...settings.model },
              stage: { batchSize: 64, ...settings.stage },
              memory: { gradientCheckpointing },
            })
            const session = createTrainSession({ device, config, facts: { vocabSize } })
            const { parameters, gradients, optimizer, ...planned } = session.plannedMemory()!
            const plan = memoryPlan(config, { vocabSize }, device.info)
            expect(plan).toMatchObject({ parameters, gradients, optimizer, isExact: false })
            expect(plan.activations / planned.activations).toBeGreaterThan(0.95)
            // More only where a frozen table spares the head its input.
            expect(plan.activations / planned.activations).toBeLessThan(1.15)
            const step = planned.activations + planned.workspace
            expect((plan.activations + plan.workspace) / step).toBeGreaterThan(0.8)
            expect((plan.activations + plan.workspace) / step).toBeLessThan(1.1)
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
        expect(exactPlan(memoryPlan(config, { vocabSize: 65 }, device.info), session.memory())).toMatchObject(
          {
            ...taken,
            other,
            isExact: true,
            total: Object.values(taken).reduce((sum, bytes) => sum + bytes, other),
          },
        )
        session.dispose()
        device.dispose()
      })
    },
  )
})
