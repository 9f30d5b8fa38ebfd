import { afterAll, describe, expect, it, vi } from 'vitest'
import { bitsOf, engineConfig, randomBatch } from '../../../tests/helpers/engineConfig.ts'
import { gpuForTests } from '../../../tests/helpers/gpu.ts'
import { createDevice } from '../backend/createDevice.ts'
import { matmulKey } from '../kernels/matmul/chooseMatmul.ts'
import { kernels, namesOn, type MatmulKernelName } from '../kernels/matmul/matmulKernels.ts'
import { parseMeasuredKernels, settleKernels, type MeasuredKernels } from './measuredKernels.ts'
import { freshProgress } from './trainRun.ts'
import { createTrainSession, type TrainSession } from './trainSession.ts'

const vocabSize = 11

async function train(session: TrainSession, from: number, to: number): Promise<number[]> {
  const losses: number[] = []
  for (let step = from; step < to; step++) {
    const batches = [randomBatch({ batchSize: 3, seqLen: 12, vocabSize, seed: step })]
    losses.push((await session.step({ step, stageStep: step, batches, learningRate: 0.01 }).read()).loss)
  }
  return losses
}

const gpu = await gpuForTests()
describe.skipIf(gpu === null)(
  gpu === null ? 'measured kernels: skipped, there is no WebGPU adapter' : 'measured kernels',
  async () => {
    const device = gpu === null ? null! : await createDevice({ backend: 'webgpu', gpu })
    afterAll(() => device.dispose())
    const create = (choice: 'table' | 'measured') =>
      createTrainSession({ device, config: engineConfig({ kernels: choice }), facts: { vocabSize } })
    const settle = (session: TrainSession, stored: MeasuredKernels | null) =>
      settleKernels({
        session,
        adapter: device.info.name,
        progress: { ...freshProgress(), step: 4, kernels: stored },
      })
    /** One kernel for every product that it can make. */
    const allBy = async (session: TrainSession, name: MatmulKernelName): Promise<MeasuredKernels> => ({
      adapter: device.info.name,
      matmul: Object.fromEntries((await session.products()).map((product) => [matmulKey(product), name])),
    })

    it('goes on with the stored choice to the bits of a run that was never interrupted', async () => {
      const whole = create('measured')
      const stored = parseMeasuredKernels(await allBy(whole, 'registers-4x8'))!
      expect(await settle(whole, stored)).toEqual({ kernels: stored, notices: [] })
      await train(whole, 0, 4)
      const saved = await whole.exportState()
      const expected = await train(whole, 4, 8)
      const resumed = create('measured')
      await settle(resumed, stored)
      resumed.importState(saved, 'all')
      expect(await train(resumed, 4, 8)).toEqual(expected)
      expect(bitsOf(await resumed.exportState())).toEqual(bitsOf(await whole.exportState()))
      whole.dispose()
      resumed.dispose()
    })

    it('measures where the run has no choice, and where it was made on another adapter, and says so', async () => {
      const session = create('measured')
      const fresh = await settle(session, null)
      const known = new Set((await session.products()).map(matmulKey))
      expect(fresh.kernels!.adapter).toBe(device.info.name)
      for (const [key, name] of Object.entries(fresh.kernels!.matmul)) {
        expect(known).toContain(key)
        expect(namesOn(device.gpuDevice!)).toContain(name)
      }
      expect(parseMeasuredKernels(JSON.parse(JSON.stringify(fresh.kernels)))).toEqual(fresh.kernels)
      const moved = await settle(session, { adapter: 'Another GPU', matmul: { 'nn 1 1 1': 'shared-32x32' } })
      expect(moved.kernels!.adapter).toBe(device.info.name)
      expect(moved.notices).toMatchObject([{ level: 'info', step: 4, detail: /Another GPU/ }])
      session.dispose()
    }, 60_000)

    it('keeps a choice that this adapter cannot run, trains with the table, and says so', async () => {
      const here = namesOn(device.gpuDevice!)
      const missing = (Object.keys(kernels) as MatmulKernelName[]).find((name) => !here.includes(name))
      const session = create('measured')
      const table = create('table')
      const stored = await allBy(session, missing!)
      const { kernels: kept, notices } = await settle(session, stored)
      expect(kept).toEqual(stored)
      expect(notices).toMatchObject([
        { level: 'warning', title: expect.stringContaining(missing!) as string },
      ])
      expect(await train(session, 0, 2)).toEqual(await train(table, 0, 2))
      session.dispose()
      table.dispose()
    })

    it('reads back the choice of a run whose optimizer multiplies stacks', async () => {
      const config = engineConfig({ kernels: 'measured', stage: { optimizer: { kind: 'muon' } } })
      const session = createTrainSession({ device, config, facts: { vocabSize } })
      const stored = await allBy(session, 'registers-4x8')
      expect(Object.keys(stored.matmul).some((key) => key.includes(' x '))).toBe(true)
      expect(parseMeasuredKernels(JSON.parse(JSON.stringify(stored)))).toEqual(stored)
      session.dispose()
    })

    it('measures nothing where the table decides', async () => {
      const session = create('table')
      expect(await settle(session, await allBy(session, 'registers-4x8'))).toEqual({
        kernels: null,
        notices: [],
      })
      session.dispose()
    })

    it('makes each product of a step by its choice', async () => {
      // Last: its device takes the other's place.
      const own = await createDevice({ backend: 'webgpu', gpu })
      const session = createTrainSession({
        device: own,
        config: engineConfig({ kernels: 'measured' }),
        facts: { vocabSize },
      })
      await settle(session, await allBy(session, 'registers-4x8'))
      const compiled = vi.spyOn(own.gpuDevice!, 'createShaderModule')
      await session.prepareStep(() => {})
      const labels = compiled.mock.calls.map(([{ label }]) => label ?? '')
      const products = labels.filter((label) => /^matmul [nt]{2} /.test(label))
      expect(products.length).toBeGreaterThan(10)
      for (const label of products) expect(label).toContain(' registers-4x8')
      session.dispose()
      own.dispose()
    }, 60_000)
  },
)

describe('stored kernels', () => {
  const choice = (matmul: unknown) => ({ adapter: 'A GPU', matmul })
  it('are read back as they were written, and may be missing', () => {
    expect(parseMeasuredKernels(undefined)).toBeNull()
    expect(parseMeasuredKernels(null)).toBeNull()
    const stored = choice({ 'nt 64 32 16': 'shared-64x64-4parts' })
    expect(parseMeasuredKernels(stored)).toEqual(stored)
  })

  const tooMany = Object.fromEntries(
    Array.from({ length: 2000 }, (_, i) => [`nn 1 1 ${i + 1}`, 'shared-32x32']),
  )
  it.each([
    ['a kernel that there is not', choice({ 'nn 8 8 8': 'no-such-kernel' }), 'no-such-kernel'],
    ['a name that every object has', choice({ 'nn 8 8 8': 'constructor' }), 'constructor'],
    ['code in place of a product', choice({ '__proto__; drop': 'shared-32x32' }), '__proto__; drop'],
    ['a kernel that is no name', choice({ 'nn 8 8 8': { key: 1 } }), 'an object'],
    ['a list', [], 'a list of 0'],
    [
      'a list that is very deep',
      choice(JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`)),
      'a list of 1',
    ],
    ['no products', choice(7), '7'],
    ['no adapter', { adapter: 3, matmul: {} }, '3'],
    ['very many products', choice(tooMany), '2000'],
  ])('are refused by name: %s', (_what, value, shown) => {
    expect(() => parseMeasuredKernels(value)).toThrowError(
      expect.objectContaining({
        code: 'checkpoint-invalid',
        message: expect.stringContaining(shown) as string,
      }),
    )
  })
})
