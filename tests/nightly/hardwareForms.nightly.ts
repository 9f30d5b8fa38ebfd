import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDevice, type EngineDevice } from '../../src/engine/backend/createDevice.ts'
import type { LabBackend } from '../../src/engine/backend/labBackend.ts'
import { backend } from '../../src/engine/backend/tfjs.ts'
import { createTrainSession, type TrainSession } from '../../src/engine/training/trainSession.ts'
import { bitsOf } from '../helpers/engineConfig.ts'
import { gpuForTests } from '../helpers/gpu.ts'
import { randomTaskBatch, smallFacts } from '../helpers/taskBatch.ts'
import { taskConfigs } from '../helpers/taskConfigs.ts'

const gpu = await gpuForTests()
const title = `steps in the forms for GPUs${gpu ? '' : ': skipped, there is no WebGPU adapter'}`

async function train(session: TrainSession) {
  const losses: number[] = []
  for (let step = 0; step < 3; step++) {
    const batches = [randomTaskBatch(session.config, { batchSize: 4, seed: step })]
    const pending = session.step({ step, stageStep: step, batches, learningRate: 5e-3 })
    losses.push((await pending.read()).loss)
  }
  const state = bitsOf(await session.exportState())
  session.dispose()
  return { losses, state }
}

/**
 * Kernels choose their forms by the kind of adapter, and those for GPUs are else only seen on one: shared tiles, sums in parts,
 * teams of threads. A rasteriser runs them as well, slowly.
 */
describe.skipIf(gpu === null)(title, () => {
  let device: EngineDevice
  let lab: LabBackend
  beforeAll(async () => {
    device = await createDevice({ backend: 'webgpu', gpu })
    lab = backend() as LabBackend
  })
  afterAll(() => device.dispose())

  it.each(taskConfigs)(
    '%s: recorded equals eager, bit for bit, and the forms for rasterisers but for rounding',
    async (_name, config) => {
      const open = (isEager: boolean) => createTrainSession({ device, config, facts: smallFacts, isEager })
      lab.isSoftware = true
      const { losses: expected } = await train(open(false))
      lab.isSoftware = false
      const eager = await train(open(true))
      expect(await train(open(false))).toEqual(eager)
      eager.losses.forEach((loss, i) =>
        expect(Math.abs(loss - expected[i]!)).toBeLessThan(1e-4 + 1e-3 * Math.abs(expected[i]!)),
      )
      device.throwIfFailed()
    },
    1_800_000,
  )
})
