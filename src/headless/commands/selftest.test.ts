import { expect, it } from 'vitest'
import { recordingIo } from '../../../tests/helpers/commandIo.ts'
import { gpuForTests } from '../../../tests/helpers/gpu.ts'
import selftest from './selftest.ts'

async function run(...args: string[]): Promise<{ code: number; lines: string[] }> {
  const { io, lines } = recordingIo()
  return { code: await selftest.run(args, io), lines }
}

const gpu = await gpuForTests()
const skipped = gpu ? '' : ': skipped, there is no WebGPU adapter'

it.skipIf(gpu === null)(`prints one line a kernel, and a sum${skipped}`, async () => {
  const { code, lines } = await run('--only', 'globalNorm', '--only', 'dropout')
  expect(code).toBe(0)
  expect(lines[0]).toMatch(/^ok {4}dropout +0\.0e\+0 +\d+ ms$/)
  expect(lines[1]).toMatch(/^ok {4}globalNorm +\d\.\de[+-]\d +\d+ ms$/)
  expect(lines[2]).toMatch(/^2 right, 0 wrong, [\d.]+ s on /)
})

it('has nothing to test on the CPU, and refuses kernels that there are not', async () => {
  expect(await run('--backend', 'cpu')).toMatchObject({ code: 0, lines: [expect.stringMatching(/^0 right/)] })
  await expect(run('--only', 'softmax')).rejects.toThrow(/--only: must be one of activations/)
})
