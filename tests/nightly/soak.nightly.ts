import { expect, it } from 'vitest'
import { benchModels } from '../bench/models/benchModels.ts'
import { runSoak } from '../bench/soak.ts'
import { gpuForTests } from '../helpers/gpu.ts'

const gpu = await gpuForTests()
const tiny = benchModels.find(({ name }) => name === 'tiny')!
const title = `20,000 replayed steps keep memory flat and stay as fast${gpu ? '' : ': skipped, there is no WebGPU adapter'}`

it.skipIf(gpu === null)(
  title,
  async () => {
    const { faults, samples } = await runSoak(gpu!, { model: tiny, steps: 20_000 }, () => {})
    expect(faults).toEqual([])
    expect(samples.at(-1)!.step).toBe(20_000)
  },
  3_600_000,
)
