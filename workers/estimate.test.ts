import { describe, expect, it } from 'vitest'
import { engineConfig } from '../tests/helpers/engineConfig.ts'
import { describeOnDevices } from '../tests/helpers/gpu.ts'
import { createDevice } from '../src/engine/backend/createDevice.ts'
import { createTrainSession } from '../src/engine/training/trainSession.ts'
import { tasks } from '../src/engine/tasks/registry.ts'
import { smallFacts } from '../tests/helpers/taskBatch.ts'
import { estimate } from './estimate.ts'

const prepared = { key: 'k', facts: { vocabSize: 20 }, trainItems: 1000, validationItems: 100 }
const silent = { branch: null, signal: new AbortController().signal, onPhase() {} }

await describeOnDevices('an estimate', (device) => {
  it('has the plan of what the demanding stage holds, before and after it is measured', async () => {
    const config = engineConfig({ stages: [{ batchSize: 2 }, { batchSize: 5, accumulationSteps: 2 }] })
    const options = { config, prepared, device: device(), ...silent }
    const counted = await estimate({ ...options, isMeasured: false })
    const isRecorded = device().info.backend === 'webgpu'
    expect(counted).toMatchObject({
      msPerStep: null,
      problems: [],
      memory: { isExact: isRecorded, stageIndex: 1 },
    })
    const measured = await estimate({ ...options, isMeasured: true })
    expect(measured.msPerStep).toBeGreaterThan(0)
    expect(measured.memory).toEqual(counted.memory)
    if (!isRecorded) return
    const session = createTrainSession({ device: device(), config, facts: { vocabSize: 20 } })
    session.enterStage(1)
    expect(measured.memory).toMatchObject(session.plannedMemory()!)
    session.dispose()
  })

  it('tries no step of a run that is over its budget, whatever its model is', async () => {
    const config = engineConfig({
      task: 'self-supervised',
      data: { augmentations: [{ kind: 'any' }] },
      model: { kind: 'conv-net' },
      stage: { batchSize: 4096, losses: [{ name: tasks.get('self-supervised').losses[0] }] },
      memory: { budgetMegabytes: 1000 },
    })
    const before = device().memory()
    const facts = { ...smallFacts, image: { height: 64, width: 64, channels: 3 } }
    const found = await estimate({
      config,
      prepared: { ...prepared, facts },
      device: device(),
      ...silent,
      isMeasured: true,
    })
    expect(found.memory.total).toBeGreaterThan(1e9)
    expect(found.msPerStep).toBeNull()
    expect(device().memory()).toEqual(before)
  })
})

describe('an estimate of what cannot run', () => {
  it('names texts that are too short, buffers that are too large and a precision that is not there, and measures nothing', async () => {
    const plain = engineConfig({ stage: { batchSize: 64 } })
    await describeProblems({ ...prepared, validationItems: 12 }, 1e9, /validation part has 12 tokens/)
    await describeProblems(prepared, 1000, /within the 1 kB .* maxStorageBufferBindingSize/)
    const mixed = engineConfig({ stage: { precision: 'mixed' } })
    await describeProblems(prepared, 1e9, /stage 1: “mixed” needs an adapter with shader-f16/, mixed)

    async function describeProblems(
      given: typeof prepared,
      bytes: number,
      message: RegExp,
      config = plain,
    ): Promise<void> {
      const limits = { maxBufferSize: 1e9, maxStorageBufferBindingSize: bytes }
      const cpu = await createDevice({ backend: 'cpu', gpu: null })
      const device = { ...cpu, info: { ...cpu.info, backend: 'webgpu', limits } as const }
      const found = await estimate({ config, prepared: given, device, isMeasured: true, ...silent })
      expect(found.msPerStep).toBeNull()
      expect(found.problems.map(({ message: text }) => text)).toEqual([expect.stringMatching(message)])
    }
  })
})
