import { describe, expect, it } from 'vitest'
import { gpuForTests } from '../helpers/gpu.ts'
import { benchLines, benchRecord, isVoid } from './benchReport.ts'
import { GpuCounters } from './gpuCounters.ts'
import { allPeers, measureModel, type ModelResult } from './measure.ts'
import { median } from '../../src/core/median.ts'
import { benchModels } from './models/benchModels.ts'
import { dualEncoderModel } from './models/dualEncoder.ts'
import { gptModel } from './models/gpt.ts'
import { vitModel } from './models/vit.ts'
import { tokensOfBatch } from '../helpers/tokenBatch.ts'

/** One block, so that jax-js compiles in seconds on a software adapter. */
const tower = { numLayers: 1, embedDim: 16, numHeads: 2, batchSize: 3, side: 8, patchSize: 4 }
const gpt = gptModel({
  name: 'test',
  numLayers: 1,
  embedDim: 16,
  numHeads: 2,
  seqLen: 8,
  batchSize: 2,
  vocabSize: 11,
})
const vit = vitModel({ name: 'test-vit', ...tower, numClasses: 3 })
const clip = dualEncoderModel({ name: 'test-clip', ...tower, seqLen: 4, vocabSize: 7, projectionDim: 6 })
const gpu = await gpuForTests()

describe('median', () => {
  it('is the middle, or the mean of the two in the middle', () => {
    expect(median([9, 1, 5])).toBe(5)
    expect(median([4, 1, 2, 100])).toBe(3)
    expect(median([])).toBeNaN()
  })
})

/** Of products [m, k] by [k, n]. */
const forward = (products: number[][]) => products.reduce((sum, [m, k, n]) => sum + 2 * m! * k! * n!, 0)

describe('flopsPerStep', () => {
  it('counts every matrix product once forward and twice backward', () => {
    const products: number[][] = []
    const tokens = 2 * 8
    products.push([tokens, 16, 48], [tokens, 16, 16], [tokens, 16, 64], [tokens, 64, 16], [tokens, 16, 11])
    for (let head = 0; head < 2 * 2; head++) products.push([8, 8, 8], [8, 8, 8]) // scores and mix, headDim 8
    expect(gpt.flopsPerStep).toBe(3 * forward(products))
  })

  it('but for patches, whose pixels nobody wants a gradient of', () => {
    const tokens = 3 * 5
    const patches = [[3 * 4, 4 * 4, 16]]
    const stack = (count: number) => [
      [count, 16, 48],
      [count, 16, 16],
      [count, 16, 64],
      [count, 64, 16],
    ]
    const attention = (seqLen: number) =>
      Array.from({ length: 2 * 3 * 2 }, (_, i) => (i % 2 === 0 ? [seqLen, 8, seqLen] : [seqLen, seqLen, 8]))
    const ofImages = [...stack(tokens), ...attention(5)]
    expect(vit.flopsPerStep).toBe(3 * forward([...ofImages, [3, 16, 3]]) + 2 * forward(patches))
    const ofTexts = [...stack(3 * 4), ...attention(4)]
    const compared = [
      [3, 16, 6],
      [3, 16, 6],
      [3, 6, 3],
    ]
    expect(clip.flopsPerStep).toBe(3 * forward([...ofImages, ...ofTexts, ...compared]) + 2 * forward(patches))
  })
})

describe('workload', () => {
  it.each([gpt, vit, clip])('of $name is the same every time, with another batch for every step', (model) => {
    const [a, b] = [model.workload(), model.workload()]
    expect(a.weights).toEqual(b.weights)
    expect(a.batch(3)).toEqual(b.batch(3))
    expect(a.batch(3)).not.toEqual(a.batch(4))
  })

  it('follows each token by the target of the position before', () => {
    const { ids, targets } = tokensOfBatch(
      benchModels
        .find(({ name }) => name === 'tiny')!
        .workload()
        .batch(0),
    )
    expect([...ids.slice(1, 32)]).toEqual([...targets.slice(0, 31)])
  })
})

const result: ModelResult = {
  model: { name: 'test', shape: 'small', flopsPerStep: 1e6, perStep: { count: 16, unit: 'tokens' } },
  precision: 'float32',
  contenders: (['tfjs', 'jax-js', 'bunsen'] as const).map((id, i) => ({
    id,
    title: id,
    ms: [6, 3, 2][i]!,
    cpuMsPerStep: 1,
    perSecond: 100,
    firstStepMs: 9,
    perStep: { dispatches: 10 + i, passes: 1, submits: 1, newBuffers: 0, writeBuffers: 2, bindGroups: 3 },
    liveBytes: 4000,
    peakBytes: 5000,
    losses: [2, 1],
  })),
  maxLossDifference: 1e-6,
  bestMatmul: { name: 'best', flopsPerSecond: 1e9 },
  rounds: 3,
}
const info = {
  backend: 'webgpu',
  name: 'GPU',
  vendor: '',
  architecture: '',
  device: '',
  description: '',
} as const
const adapter = { ...info, isSoftware: false, features: [], limits: {} }

describe('the report', () => {
  it('holds peers’ times over ours, and the share of the best matrix product', () => {
    const { models } = benchRecord({ adapter, userAgent: 'node', results: [result] }, {})
    expect(models[0]).toMatchObject({
      name: 'test',
      ms: 2,
      ratioToTfjs: 3,
      ratioToJaxJs: 1.5,
      dispatchesPerStep: 12,
    })
    expect(models[0]!.shareOfBestMatmul).toBeCloseTo(0.5, 12)
    expect(models[0]!.peers['tfjs']).toMatchObject({ ms: 6, dispatchesPerStep: 10 })
  })

  it('calls the timing void where losses differ, or are none', () => {
    const lines = (maxLossDifference: number) =>
      benchLines({ adapter, userAgent: 'node', results: [{ ...result, maxLossDifference }] }).join('\n')
    expect(lines(1e-6)).not.toMatch(/VOID/)
    expect(lines(2e-4)).toMatch(/VOID/)
    expect(isVoid({ ...result, maxLossDifference: NaN })).toBe(true)
    expect(isVoid({ ...result, precision: 'mixed', maxLossDifference: 2e-4 })).toBe(false)
    expect(isVoid({ ...result, precision: 'mixed', maxLossDifference: 3e-3 })).toBe(true)
  })
})

/** Few steps, to compare what is computed. */
const pace = {
  precision: 'float32',
  isTuned: false,
  peers: allPeers,
  warmUpSteps: 3,
  minRounds: 2,
  maxRounds: 2,
  budgetMs: 0,
  matmulSide: 64,
} as const

describe.skipIf(gpu === null)(gpu === null ? 'bench: skipped, there is no WebGPU adapter' : 'bench', () => {
  it(
    'trains the same model in Bunsen, with measured kernels too, stock tfjs and jax-js: equal losses, which fall',
    { timeout: 180_000 },
    async () => {
      const measured = await measureModel(gpt, { gpu: gpu!, note: () => {}, ...pace, isTuned: true })
      expect(measured.maxLossDifference).toBeLessThan(1e-5)
      expect(isVoid(measured)).toBe(false)
      for (const { losses, perStep, liveBytes, peakBytes, ms, cpuMsPerStep } of measured.contenders) {
        expect(losses.length).toBeGreaterThanOrEqual(6)
        expect(losses[5]).toBeLessThan(losses[0]! - 0.01)
        expect(perStep.dispatches).toBeGreaterThan(20)
        expect(perStep.submits).toBeGreaterThan(0)
        // at least weights, m and v
        const weights = gpt.workload().weights.reduce((sum, { values }) => sum + values.byteLength, 0)
        expect(liveBytes).toBeGreaterThanOrEqual(3 * weights)
        expect(peakBytes).toBeGreaterThanOrEqual(liveBytes)
        expect(cpuMsPerStep).toBeLessThanOrEqual(ms)
      }
      expect(measured.bestMatmul.flopsPerSecond).toBeGreaterThan(0)
    },
  )

  // jax-js compiles each for half a minute: a run of the command compares its losses, too.
  it.each([vit, clip])('trains $name as stock tfjs does', { timeout: 180_000 }, async (model) => {
    const measured = await measureModel(model, { gpu: gpu!, note: () => {}, ...pace, peers: ['tfjs'] })
    expect(measured.contenders.map(({ id }) => id)).toEqual(['tfjs', 'bunsen'])
    expect(measured.maxLossDifference).toBeLessThan(1e-5)
    for (const { losses } of measured.contenders) expect(new Set(losses).size).toBe(losses.length)
  })

  it('counts what WebGPU is asked for, and stops counting', async () => {
    const counters = new GpuCounters()
    counters.install()
    counters.owner = 'test'
    const device = await (await gpu!.requestAdapter())!.requestDevice()
    const make = () => device.createBuffer({ size: 256, usage: GPUBufferUsage.COPY_DST })
    const [first] = [make(), make()]
    device.queue.writeBuffer(first!, 0, new Uint32Array(4))
    first!.destroy()
    first!.destroy()
    expect(counters.counts).toMatchObject({ newBuffers: 2, writeBuffers: 1, dispatches: 0 })
    expect(counters.memoryOf('test')).toEqual({ liveBytes: 256, peakBytes: 512 })
    counters.uninstall()
    make()
    expect(counters.counts.newBuffers).toBe(2)
    device.destroy()
  })
})
