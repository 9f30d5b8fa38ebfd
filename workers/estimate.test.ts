import { describe, expect, it } from 'vitest'
import { engineConfig } from '../tests/helpers/engineConfig.ts'
import { describeOnDevices } from '../tests/helpers/gpu.ts'
import { createDevice } from '../src/engine/backend/createDevice.ts'
import { createTrainSession } from '../src/engine/training/trainSession.ts'
import { estimate } from './estimate.ts'

const prepared = { key: 'k', facts: { vocabSize: 20 }, trainItems: 1000, validationItems: 100 }
const silent = { branch: null, signal: new AbortController().signal, onPhase() {} }

await describeOnDevices('an estimate', (device) => {
  it('is the plan while it is counted, and what the demanding stage holds once it is measured', async () => {
    const config = engineConfig({ stages: [{ batchSize: 2 }, { batchSize: 5, accumulationSteps: 2 }] })
    const options = { config, prepared, device: device(), ...silent }
    const counted = await estimate({ ...options, isMeasured: false })
    expect(counted).toMatchObject({
      msPerStep: null,
      problems: [],
      memory: { isExact: false, stageIndex: 1 },
    })
    const measured = await estimate({ ...options, isMeasured: true })
    expect(measured.msPerStep).toBeGreaterThan(0)
    const { parameters, gradients, optimizer } = counted.memory
    expect(measured.memory).toMatchObject({ parameters, gradients, optimizer, stageIndex: 1 })
    const isRecorded = device().info.backend === 'webgpu'
    expect(measured.memory.isExact).toBe(isRecorded)
    if (!isRecorded) return
    const session = createTrainSession({ device: device(), config, facts: { vocabSize: 20 } })
    session.enterStage(1)
    expect(measured.memory).toMatchObject(session.plannedMemory()!)
    session.dispose()
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
