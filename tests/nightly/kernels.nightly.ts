import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDevice, type EngineDevice } from '../../src/engine/backend/createDevice.ts'
import type { LabBackend } from '../../src/engine/backend/labBackend.ts'
import { backend } from '../../src/engine/backend/tfjs.ts'
import { setSubgroupsUnused } from '../../src/engine/kernels/subgroups.ts'
import { selfTests } from '../../src/engine/selfTest/registry.ts'
import { selfTest } from '../../src/engine/selfTest/selfTest.ts'
import { gpuForTests } from '../helpers/gpu.ts'
import {
  expectRightForExtremes,
  expectRightKernel,
  kernelForms,
  tellingSizes,
  type KernelForm,
} from '../helpers/kernelSizes.ts'

const gpu = await gpuForTests()
const title = `kernels${gpu ? '' : ': skipped, there is no WebGPU adapter'}`

// A row of one number has no direction and no variance: what is left of its gradients is rounding.
const anySizes = fc.record({
  rows: fc.integer({ min: 1, max: 150 }),
  width: fc.integer({ min: 2, max: 130 }),
  columns: fc.integer({ min: 2, max: 150 }),
})

describe.skipIf(gpu === null)(title, () => {
  let device: EngineDevice
  beforeAll(async () => {
    device = await createDevice({ backend: 'webgpu', gpu })
  })
  afterAll(() => device.dispose())

  const ids = selfTests.all.map(({ id }) => id)

  it.each(ids)(
    '%s equals the CPU at telling sizes, in every form',
    async (id) => {
      const forms: KernelForm[] = ['rasterisers', 'devices without subgroups']
      await expectRightKernel(id, { sizes: tellingSizes, forms })
      // What is meant for GPUs comes in many programs.
      await expectRightKernel(id, { sizes: [{ rows: 65, width: 63, columns: 64 }], forms: ['GPUs'] })
      device.throwIfFailed()
    },
    3_600_000,
  )

  it.each(ids)(
    '%s equals the CPU for extreme numbers, in every form',
    async (id) => {
      await expectRightForExtremes(id, kernelForms)
      device.throwIfFailed()
    },
    3_600_000,
  )

  it.each(ids.flatMap((id) => kernelForms.map((form) => [id, form] as const)))(
    '%s equals the CPU at random sizes, in its form for %s',
    async (id, form) => {
      const lab = backend() as LabBackend
      lab.isSoftware = form !== 'GPUs'
      setSubgroupsUnused(form === 'devices without subgroups')
      const right = fc.asyncProperty(anySizes, async (sizes) => {
        const [verdict] = await selfTest({
          device,
          known: [],
          signal: new AbortController().signal,
          // Compilers of rasterisers take minutes over what is meant for GPUs.
          patienceMs: 900_000,
          onProgress: () => {},
          tests: [selfTests.get(id)],
          sizes: [sizes],
        })
        expect(verdict!.problem).toBeNull()
      })
      // Programs are made for their sizes, and to compile smaller ones would take long: the first counterexample will do.
      try {
        await fc.assert(right, { numRuns: form === 'GPUs' ? 2 : 5, endOnFailure: true })
      } finally {
        setSubgroupsUnused(false)
      }
    },
    3_600_000,
  )
})
