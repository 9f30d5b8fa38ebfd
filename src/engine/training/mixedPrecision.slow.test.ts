import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  bitsOf,
  engineConfig,
  randomBatch,
  type EngineSettings,
} from '../../../tests/helpers/engineConfig.ts'
import { gpuForTests } from '../../../tests/helpers/gpu.ts'
import { toFloat32 } from '../../core/toFloat32.ts'
import { applyVerdicts } from '../selfTest/verdicts.ts'
import { createDevice, type EngineDevice } from '../backend/createDevice.ts'
import { precisionProblem } from './precision.ts'
import { createTrainSession, type StepReadings, type TrainSession } from './trainSession.ts'

const vocabSize = 11
/** Three batches in turn, which a model soon knows by heart. */
const batchAt = (index: number) => randomBatch({ batchSize: 3, seqLen: 12, vocabSize, seed: index % 3 })
const mixed = (settings: EngineSettings = {}) =>
  engineConfig({ ...settings, stage: { ...settings.stage, precision: 'mixed' } })

/** Readings of steps `from` to `to`. */
async function train(session: TrainSession, from: number, to: number): Promise<StepReadings[]> {
  const readings: StepReadings[] = []
  const { accumulationSteps } = session.config.stages[session.stageIndex]!
  for (let step = from; step < to; step++) {
    const batches = Array.from({ length: accumulationSteps }, (_, i) => batchAt(step + i))
    readings.push(await session.step({ step, stageStep: step, batches, learningRate: 3e-3 }).read())
  }
  return readings
}

const modern = { positions: 'rotary', norm: 'rms-norm', activation: 'swiglu', hasBias: false }
const variants: [string, EngineSettings][] = [
  ['dropout, clipping', { model: { dropoutRate: 0.2 }, stage: { gradClipNorm: 0.3 } }],
  [
    'rotary, RMSNorm, SwiGLU, no biases, two batches an update',
    { model: { ...modern, isHeadTied: false }, stage: { accumulationSteps: 2 } },
  ],
  [
    'stochastic depth, grouped heads, ALiBi',
    { model: { ...modern, positions: 'alibi', dropPathRate: 0.1, numKeyHeads: 1 } },
  ],
  ['odd widths', { model: { embedDim: 15, numHeads: 3, mlpRatio: 2.2 } }],
]
/** Programs of odd widths compile for long on rasterisers. */
const slow = { timeout: 180_000 }

const gpu = await gpuForTests()
const hasHalf = (await gpu?.requestAdapter())?.features.has('shader-f16') ?? false

describe.skipIf(!hasHalf)(
  `mixed precision${hasHalf ? '' : ': skipped, there is no adapter with shader-f16'}`,
  () => {
    let device: EngineDevice
    beforeAll(async () => {
      device = await createDevice({ backend: 'webgpu', gpu })
    })
    afterAll(() => device.dispose())

    const open = (config: ReturnType<typeof engineConfig>, isEager = false) =>
      createTrainSession({ device, config, facts: { vocabSize }, isEager })

    it.each(variants)(
      'keeps the loss within 3e-3 of f32 over 50 steps in which it falls: %s',
      slow,
      async (_name, settings) => {
        const [full, half] = [open(engineConfig(settings)), open(mixed(settings))]
        const [expected, actual] = [await train(full, 0, 50), await train(half, 0, 50)]
        const differences = actual.map(({ loss }, i) => Math.abs(loss - expected[i]!.loss))
        expect(Math.max(...differences)).toBeLessThan(3e-3)
        // It is another computation.
        expect(Math.max(...differences)).toBeGreaterThan(0)
        expect(actual[49]!.loss).toBeLessThan(actual[0]!.loss - 0.5)
        expect(half.refusal).toBeNull()
        full.dispose()
        half.dispose()
        device.throwIfFailed()
      },
    )

    it.each(variants)(
      'gives the same bits recorded or not, with gradient checkpointing or without: %s',
      slow,
      async (_name, settings) => {
        const resultOf = async (isEager: boolean, gradientCheckpointing: string) => {
          const session = open(mixed({ ...settings, memory: { gradientCheckpointing } }), isEager)
          const readings = await train(session, 0, 6)
          const bits = bitsOf(await session.exportState())
          session.dispose()
          return { readings, bits }
        }
        const eager = await resultOf(true, 'off')
        expect(await resultOf(false, 'off')).toEqual(eager)
        expect(await resultOf(true, 'on')).toEqual(eager)
        expect(await resultOf(false, 'on')).toEqual(eager)
      },
    )

    it('goes on from a checkpoint as if it had never stopped', async () => {
      const config = mixed({ model: { dropoutRate: 0.1 } })
      const whole = open(config)
      await train(whole, 0, 5)
      const middle = await whole.exportState()
      const resumed = open(config)
      resumed.importState(middle, 'all')
      expect(await train(resumed, 5, 10)).toEqual(await train(whole, 5, 10))
      expect(bitsOf(await resumed.exportState())).toEqual(bitsOf(await whole.exportState()))
      whole.dispose()
      resumed.dispose()
    })

    it.each(variants)('gives the gradients of f32 but for rounding: %s', slow, async (_name, settings) => {
      // Plain descent at rate 1: the change of the weights is the gradient.
      const stage = { optimizer: { kind: 'sgd', momentum: 0 }, gradClipNorm: 0 }
      const gradientsOf = async (precision: string) => {
        const session = open(engineConfig({ ...settings, stage: { ...stage, precision } }))
        const before = await session.exportState()
        await session.step({ step: 0, stageStep: 0, batches: [batchAt(0)], learningRate: 1 }).read()
        const after = await session.exportState()
        session.dispose()
        return [...before].map(([name, tensor]) => {
          const changed = toFloat32(after.get(name)!)
          return { name, gradient: Array.from(toFloat32(tensor), (value, i) => value - changed[i]!) }
        })
      }
      const norm = (values: number[]) => Math.hypot(...values)
      const [full, half] = [await gradientsOf('float32'), await gradientsOf('mixed')]
      full.forEach(({ name, gradient }, k) => {
        const away = norm(gradient.map((value, i) => value - half[k]!.gradient[i]!)) / norm(gradient)
        expect(away, name).toBeLessThan(2 ** -9)
      })
    })

    it('is refused where the self-test found it wrong, or a kernel that it needs', () => {
      const verdict = { isRight: false, worstError: 1, problem: 'wrong', isTwinRight: true, elapsedMs: 5 }
      const session = open(mixed())
      for (const kernel of ['half', 'linear']) {
        applyVerdicts([{ kernel, ...verdict }])
        expect(() => session.plannedMemory()).toThrow(/shader-f16, got .* failed the self-test/)
      }
      applyVerdicts([{ kernel: 'dropout', ...verdict }])
      expect(session.plannedMemory()).not.toBeNull()
      applyVerdicts([])
      session.dispose()
    })

    it('ends in a number that is not finite where f16 overflows, with the weights as they were', async () => {
      const name = 'transformer.h.0.mlp.c_fc.weight'
      const sessions = [open(engineConfig()), open(mixed())]
      const [full, half] = await Promise.all(
        sessions.map(async (session) => {
          const state = await session.exportState()
          const weight = state.get(name)!
          const large = toFloat32(weight).map((value) => value * 1e7)
          session.importState(new Map([...state, [name, { ...weight, data: large }]]), 'all')
          const before = bitsOf(await session.exportState())
          const [readings] = await train(session, 0, 1)
          const isChanged = bitsOf(await session.exportState())[name] !== before[name]
          session.dispose()
          return { isFinite: Number.isFinite(readings!.loss + readings!.gradNorm), isChanged }
        }),
      )
      expect(full).toEqual({ isFinite: true, isChanged: true })
      expect(half).toEqual({ isFinite: false, isChanged: false })
    })

    it('validates and writes in f32', async () => {
      const [full, half] = [open(engineConfig()), open(mixed())]
      expect((await half.evaluate(batchAt(1))).loss).toBe((await full.evaluate(batchAt(1))).loss)
      expect(await half.nextLogits([1, 2])).toEqual(await full.nextLogits([1, 2]))
      full.dispose()
      half.dispose()
    })

    it('takes less memory, changes with the stage, and gives all of it back', async () => {
      device.trim()
      const before = device.memory()
      const stages = [{}, { precision: 'mixed' }].map((stage) => ({ batchSize: 3, ...stage }))
      const session = open(engineConfig({ model: { embedDim: 64, numLayers: 4 }, stages }))
      const full = session.plannedMemory()!
      session.enterStage(1)
      const half = session.plannedMemory()!
      // Residual stream and logits stay as they are.
      expect(half.activations).toBeLessThan(0.65 * full.activations)
      expect(half.activations + half.workspace).toBeLessThan(0.8 * (full.activations + full.workspace))
      expect(half).toMatchObject({ parameters: full.parameters, optimizer: full.optimizer })
      await session.prepareStep(() => {})
      await train(session, 0, 2)
      const { activations, workspace } = half
      expect(session.memory()).toMatchObject({ activations, workspace })
      await session.evaluate(batchAt(0))
      expect(session.memory()).toMatchObject({ activations, workspace })
      session.dispose()
      device.trim()
      expect(device.memory()).toEqual(before)
      device.throwIfFailed()
    })
  },
)

describe('precisionProblem', () => {
  const stages = [{}, { precision: 'mixed' }]

  it('names the stage and the adapter that has no shader-f16', () => {
    const problem = precisionProblem(engineConfig({ stages }), { name: 'Old GPU', features: ['subgroups'] })
    expect(problem).toMatchObject({ name: 'DeviceError', code: 'no-half-precision' })
    expect(problem!.message).toBe(
      'Precision of stage 2: “mixed” needs an adapter with shader-f16, got Old GPU without it',
    )
    expect(problem!.remedy).toMatch(/32-bit float/)
    expect(precisionProblem(engineConfig(), { name: 'Old GPU', features: [] })).toBeNull()
    expect(precisionProblem(engineConfig({ stages }), { name: 'GPU', features: ['shader-f16'] })).toBeNull()
  })

  it('stops a run on the CPU before its first update, and lets its model be used there', async () => {
    const device = await createDevice({ backend: 'cpu', gpu: null })
    const session = createTrainSession({ device, config: engineConfig({ stages }), facts: { vocabSize } })
    await expect(async () => session.prepareStep(() => {})).rejects.toThrow(/CPU \(JavaScript\) without it/)
    expect(() => session.plannedMemory()).toThrow(/shader-f16/)
    expect(() => session.step({ step: 0, stageStep: 0, batches: [batchAt(0)], learningRate: 1e-2 })).toThrow(
      /shader-f16/,
    )
    expect((await session.evaluate(batchAt(0))).loss).toBeGreaterThan(0)
    session.dispose()
    device.dispose()
  })
})
