import { readdirSync, readFileSync } from 'node:fs'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { bitsOf, engineConfig, randomBatch } from '../../../tests/helpers/engineConfig.ts'
import { gpuForTests } from '../../../tests/helpers/gpu.ts'
import { createDevice, type EngineDevice } from '../backend/createDevice.ts'
import { LabBackend } from '../backend/labBackend.ts'
import * as tf from '../backend/tfjs.ts'
import { switchOffKernels } from '../kernels/mode.ts'
import { createTrainSession } from '../training/trainSession.ts'
import { worstErrorOf } from './compare.ts'
import { selfTests } from './registry.ts'
import { selfTest, type SelfTestOptions } from './selfTest.ts'
import { applyVerdicts, isVerdict, wrongKernels, type KernelVerdict } from './verdicts.ts'

const verdict = (kernel: string, isRight: boolean): KernelVerdict => ({
  kernel,
  isRight,
  worstError: 0,
  problem: isRight ? null : 'differs',
  isTwinRight: isRight ? null : true,
  elapsedMs: 5,
})

describe('self-tests', () => {
  it('are there for every kernel that may be switched off, under its folder’s name', () => {
    const folder = 'src/engine/kernels'
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
      .flatMap((path) => [...readFileSync(`${folder}/${path}`, 'utf8').matchAll(/fusedBackend\('(\w+)'/g)])
      .map(([, name]) => name!)
    expect(names.length).toBeGreaterThan(15)
    const tested = selfTests.all.map(({ id }) => id)
    expect(names.filter((name) => !tested.includes(name))).toEqual([])
  })

  it('measure the difference by the largest true number', () => {
    expect(worstErrorOf([1, -4.1], [1, -4])).toBeCloseTo(0.025, 6)
    expect(worstErrorOf([1, Number.NaN], [1, 1])).toBe(Infinity)
    expect(worstErrorOf([1], [1, 1])).toBe(Infinity)
  })

  it('take what rests on a wrong kernel along', () => {
    expect(wrongKernels([verdict('layerNorm', false), verdict('linear', true)])).toEqual([
      'layerNorm',
      'half',
    ])
    expect(new Set(wrongKernels([verdict('matmul', false)]))).toEqual(
      new Set([
        'matmul',
        'linear',
        'feedForward',
        'linearCrossEntropy',
        'newtonSchulz',
        'muonUpdate',
        'similarity',
        'half',
        'conv2d',
        'patchEmbedding',
      ]),
    )
  })

  it('tell a verdict from what another version stored', () => {
    expect(isVerdict(structuredClone(verdict('linear', false)))).toBe(true)
    expect(isVerdict({ kernel: 'linear', isRight: 'yes' })).toBe(false)
    expect(isVerdict({ ...verdict('linear', true), elapsedMs: undefined })).toBe(false)
  })
})

const gpu = await gpuForTests()

const options = (device: EngineDevice, only: readonly string[]): SelfTestOptions => ({
  device,
  known: [],
  signal: new AbortController().signal,
  patienceMs: 60_000,
  onProgress: () => {},
  tests: selfTests.all.filter(({ id }) => only.includes(id)),
})

/** Changes the text of the programs whose key matches. */
function breakPrograms(key: RegExp, change: (wgsl: string) => string): void {
  const { dispatch } = LabBackend.prototype
  vi.spyOn(LabBackend.prototype, 'dispatch').mockImplementation(function (this: LabBackend, given) {
    const wgsl = key.test(given.key) ? () => change(given.wgsl()) : given.wgsl
    dispatch.call(this, { ...given, wgsl })
  })
}

const centredNorm = /^normForward \S+ \S+ \S+ true/
const breakLayerNorm = (): void =>
  breakPrograms(centredNorm, (wgsl) => wgsl.replace('inverseSqrt(', '1.3 * inverseSqrt('))

async function withDevice(use: (device: EngineDevice, backend: LabBackend) => Promise<void>): Promise<void> {
  const device = await createDevice({ backend: 'webgpu', gpu })
  try {
    await use(device, tf.backend() as LabBackend)
    device.throwIfFailed()
  } finally {
    device.dispose()
  }
}

/** Losses of a few steps, the weights after them, and why it was not recorded. */
async function train(device: EngineDevice) {
  const config = engineConfig({ model: { numLayers: 1, dropoutRate: 0.1 } })
  const session = createTrainSession({ device, config, facts: { vocabSize: 11 } })
  const losses: number[] = []
  for (let step = 0; step < 3; step++) {
    const batches = [randomBatch({ batchSize: 3, seqLen: 12, vocabSize: 11, seed: step })]
    const { loss } = await session.step({ step, stageStep: step, batches, learningRate: 0.01 }).read()
    losses.push(loss)
  }
  const bits = bitsOf(await session.exportState())
  const { refusal } = session
  session.dispose()
  return { losses, bits, refusal }
}

const title = `selfTest on webgpu${gpu ? '' : ': skipped, there is no WebGPU adapter'}`
describe.skipIf(gpu === null)(title, () => {
  afterEach(() => void vi.restoreAllMocks())

  it('finds sound kernels right, without leaving tensors or memory behind', async () => {
    await withDevice(async (device) => {
      const some = ['activations', 'dropout', 'flatUpdate', 'globalNorm', 'linear', 'rmsNorm', 'similarity']
      await selfTest(options(device, ['globalNorm']))
      const before = device.memory()
      const told: number[] = []
      const verdicts = await selfTest({ ...options(device, some), onProgress: (done) => told.push(done) })
      expect(verdicts.map(({ kernel }) => kernel).sort()).toEqual([...some].sort())
      for (const { problem, worstError } of verdicts) {
        expect(problem).toBeNull()
        expect(worstError!).toBeLessThan(1e-4)
      }
      expect(told).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
      expect(device.memory()).toEqual(before)
    })
  }, 120_000)

  it('finds a broken kernel; training then equals that of its twin, bit for bit, and is recorded', async () => {
    let broken: Awaited<ReturnType<typeof train>> | null = null
    let replaced: Awaited<ReturnType<typeof train>> | null = null
    breakLayerNorm()
    await withDevice(async (device) => {
      broken = await train(device)
      const verdicts = await selfTest(options(device, ['layerNorm', 'rmsNorm']))
      expect(verdicts.map(({ isRight }) => isRight)).toEqual([false, true])
      const [{ problem, worstError, isTwinRight }] = verdicts as [KernelVerdict]
      expect(problem).toMatch(/^with gain and bias: differs from the CPU by 0\.[23]/)
      expect(worstError).toBeGreaterThan(0.2)
      expect(isTwinRight).toBe(true)
      replaced = await train(device)
    })
    vi.restoreAllMocks()
    await withDevice(async (device, backend) => {
      const sound = await train(device)
      switchOffKernels(backend, ['layerNorm'])
      const twin = await train(device)
      expect(replaced).toEqual(twin)
      expect(twin.refusal).toBeNull()
      twin.losses.forEach((loss, i) => expect(loss).toBeCloseTo(sound.losses[i]!, 4))
      expect(broken!.losses).not.toEqual(sound.losses)
    })
  }, 240_000)

  it('finds a kernel that does not compile, and goes on with the others', async () => {
    breakPrograms(centredNorm, (wgsl) => wgsl.replace('inverseSqrt(', 'no_such_function('))
    await withDevice(async (device) => {
      const [layerNorm, rmsNorm] = await selfTest(options(device, ['layerNorm', 'rmsNorm']))
      expect(layerNorm).toMatchObject({ isRight: false, worstError: null, isTwinRight: true })
      expect(layerNorm!.problem).toMatch(/no_such_function/)
      expect(rmsNorm!.isRight).toBe(true)
    })
  }, 120_000)

  it('does not wait for ever, and ends between two kernels where it is asked to', async () => {
    await withDevice(async (device) => {
      const silent = { ...device, sync: () => new Promise<void>(() => {}) }
      const [answer] = await selfTest({ ...options(silent, ['globalNorm']), patienceMs: 100 })
      expect(answer).toMatchObject({ isRight: false, isTwinRight: false, isLate: true })
      expect(answer!.problem).toMatch(/must answer within 100 ms/)
      const ending = new AbortController()
      const known = [verdict('rmsNorm', true)]
      const onProgress = (done: number): void => void (done === 1 && ending.abort())
      const all = options(device, ['activations', 'dropout', 'rmsNorm'])
      const verdicts = await selfTest({ ...all, known, signal: ending.signal, onProgress })
      expect(verdicts.map(({ kernel }) => kernel)).toEqual(['rmsNorm', 'activations'])
    })
  }, 120_000)

  it('blames the kernel over which the device was lost', async () => {
    const device = await createDevice({ backend: 'webgpu', gpu })
    breakPrograms(/^norm parts/, (wgsl) => {
      device.gpuDevice!.destroy()
      return wgsl
    })
    const verdicts = await selfTest(options(device, ['globalNorm', 'rmsNorm']))
    device.dispose()
    expect(verdicts.map(({ kernel, isRight }) => [kernel, isRight])).toEqual([['globalNorm', false]])
  })

  it('trains with the twin of any kernel: recorded, or step by step where the twin needs the host', async () => {
    await withDevice(async (device) => {
      const sound = await train(device)
      for (const { id } of selfTests.all) {
        applyVerdicts([verdict(id, false)])
        const { losses, refusal } = await train(device)
        losses.forEach((loss, i) => expect(loss, id).toBeCloseTo(sound.losses[i]!, 4))
        // Masks of dropout and the numbers of an optimizer would be those of the recording for ever.
        if (!['attention', 'dropout', 'flatUpdate'].includes(id)) expect(refusal, id).toBeNull()
      }
    })
  }, 240_000)
})
