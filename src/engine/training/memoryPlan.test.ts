import { describe, expect, it } from 'vitest'
import { engineConfig, randomBatch } from '../../../tests/helpers/engineConfig.ts'
import { gpuForTests } from '../../../tests/helpers/gpu.ts'
import { createDevice } from '../backend/createDevice.ts'
import { memoryPlan } from './memoryPlan.ts'
import { createTrainSession } from './trainSession.ts'

const cpu = { backend: 'cpu', limits: {} } as const

const gpu = await gpuForTests()

describe('memoryPlan', () => {
  it('counts weights, gradients and optimizer exactly', async () => {
    const config = engineConfig()
    const device = await createDevice({ backend: 'cpu', gpu: null })
    const session = createTrainSession({ device, config, vocabSize: 20 })
    const plan = memoryPlan(config, 20, cpu)
    expect(plan.parameters).toBe(4 * session.parameterCount)
    expect(plan.gradients).toBe(plan.parameters)
    expect(plan.optimizer).toBe(2 * plan.parameters)
    expect(plan.total).toBe(plan.parameters * 4 + plan.activations + plan.workspace)
    session.dispose()
  })

  it('grows with the batch in its activations only, and is the most demanding stage’s', () => {
    const small = memoryPlan(engineConfig({ stage: { batchSize: 4 } }), 20, cpu)
    const large = memoryPlan(
      engineConfig({ stages: [{ batchSize: 4 }, { batchSize: 8 }, { batchSize: 2 }] }),
      20,
      cpu,
    )
    expect(large.activations).toBe(2 * small.activations)
    expect(large.parameters).toBe(small.parameters)
  })

  it('spares gradients and optimizer of frozen weights, and counts a second set for accumulation', () => {
    const plain = memoryPlan(engineConfig(), 20, cpu)
    const frozen = memoryPlan(
      engineConfig({ stage: { components: [{ match: 'transformer.wte', isFrozen: true }] } }),
      20,
      cpu,
    )
    expect(plain.optimizer - frozen.optimizer).toBe(2 * 4 * 20 * 16)
    const accumulated = memoryPlan(engineConfig({ stage: { accumulationSteps: 4 } }), 20, cpu)
    expect(accumulated.gradients).toBe(2 * plain.gradients)
  })

  it('names the largest buffer and what the adapter allows', () => {
    const limits = { maxStorageBufferBindingSize: 1000, maxBufferSize: 2000 }
    const plan = memoryPlan(engineConfig({ stage: { batchSize: 64 } }), 5000, { backend: 'webgpu', limits })
    expect(plan.largestAllowed).toBe(1000)
    expect(plan.largestBuffer).toBe(4 * 64 * 12 * 5000) // logits
    expect(memoryPlan(engineConfig(), 20, cpu).largestAllowed).toBeNull()
  })

  it.skipIf(gpu === null)('is near what a step takes on the GPU (skipped without an adapter)', async () => {
    const device = await createDevice({ backend: 'webgpu', gpu })
    const config = engineConfig({ model: { embedDim: 64, seqLen: 32 }, stage: { batchSize: 8 } })
    const session = createTrainSession({ device, config, vocabSize: 65 })
    const batches = [randomBatch({ batchSize: 8, seqLen: 32, vocabSize: 65, seed: 1 })]
    for (let step = 0; step < 2; step++)
      await session.step({ step, stageStep: step, batches, learningRate: 1e-3 }).read()
    const ratio = device.memory().usedBytes / memoryPlan(config, 65, device.info).total
    expect(ratio).toBeGreaterThan(0.7)
    expect(ratio).toBeLessThan(1.4)
    session.dispose()
    device.dispose()
  })
})
