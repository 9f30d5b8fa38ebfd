import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDevice, type EngineDevice } from '../../src/engine/backend/createDevice.ts'
import type { LabBackend } from '../../src/engine/backend/labBackend.ts'
import { backend } from '../../src/engine/backend/tfjs.ts'
import { setSubgroupsUnused } from '../../src/engine/kernels/subgroups.ts'
import { selfTests } from '../../src/engine/selfTest/registry.ts'
import { selfTest } from '../../src/engine/selfTest/selfTest.ts'
import { gpuForTests } from '../helpers/gpu.ts'

const gpu = await gpuForTests()
const title = `kernels at random sizes${gpu ? '' : ': skipped, there is no WebGPU adapter'}`

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

  const forms = ['rasterisers', 'GPUs', 'devices without subgroups'] as const
  it.each(selfTests.all.flatMap(({ id }) => forms.map((form) => [id, form] as const)))(
    '%s equals the CPU in its form for %s',
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
