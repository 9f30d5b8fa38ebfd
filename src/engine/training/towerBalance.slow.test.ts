import { describe, expect, it } from 'vitest'
import { bitsOf, engineConfig } from '../../../tests/helpers/engineConfig.ts'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { dataWithoutItems } from '../../../tests/helpers/tokenBatch.ts'
import { randomTaskBatch, smallFacts } from '../../../tests/helpers/taskBatch.ts'
import type { NamedTensors } from '../../core/hostTensor.ts'
import { models } from '../models/registry.ts'
import { checkConfig } from '../tasks/checkConfig.ts'
import type { RunData, RunProgress, TrainHost } from './runContext.ts'
import { freshTowers, parseTowers, ratesFor } from './towerBalance.ts'
import { freshProgress, trainRun } from './trainRun.ts'
import { createTrainSession, type TrainSession } from './trainSession.ts'
import type { TrainEvent } from './types.ts'

const towers = ['image.', 'text.']
const shared = { every: 3, floor: 0.001 }

describe('factors on learning rates', () => {
  it('hold back the tower with the longer gradient, by a power of the ratio, and leave the other', () => {
    const settings = { kind: 'gradient-ratio', strength: 1, ...shared } as const
    expect(ratesFor(settings, [10, 1])).toEqual([0.1, 1])
    expect(ratesFor(settings, [1, 10])).toEqual([1, 0.1])
    expect(ratesFor({ ...settings, strength: 0.5 }, [3, 12])).toEqual([1, 0.5])
    expect(ratesFor({ ...settings, strength: 0 }, [3, 12])).toEqual([1, 1])
    expect(ratesFor({ ...settings, floor: 0.25 }, [100, 1])).toEqual([0.25, 1])
  })

  it('are those of on-the-fly gradient modulation, 1 - tanh(alpha * ratio) where the ratio is above 1', () => {
    const settings = { kind: 'gradient-modulation', strength: 0.5, ...shared } as const
    const [fast, slow] = ratesFor(settings, [2, 1])
    // 1 - tanh(1) = 2 / (e^2 + 1)
    expect(fast).toBeCloseTo(2 / (Math.E ** 2 + 1), 12)
    expect(slow).toBe(1)
    expect(ratesFor(settings, [1, 1])).toEqual([1, 1])
  })

  it('are 1 where nothing is to be compared', () => {
    const settings = { kind: 'gradient-ratio', strength: 1, ...shared } as const
    expect(ratesFor(settings, [5, 0])).toEqual([1, 1])
    expect(ratesFor({ kind: 'none' }, [5, 1])).toEqual([1, 1])
  })
})

it('a checkpoint of it is checked', () => {
  const sound = { rates: [0.5, 1], sums: [3, 0.25], count: 2 }
  expect(parseTowers(JSON.parse(JSON.stringify(sound)))).toEqual(sound)
  expect(parseTowers(undefined)).toBeNull()
  for (const bad of [
    3,
    { ...sound, rates: [2, 1] },
    { ...sound, rates: [1] },
    { ...sound, sums: [1, 'x'] },
    { ...sound, count: -1 },
    { ...sound, count: 1.5 },
  ])
    expect(() => parseTowers(bad)).toThrow(expect.objectContaining({ code: 'checkpoint-invalid' }) as Error)
})

const configOf = (towerBalance: object, optimizer: object = { kind: 'sgd', momentum: 0, weightDecay: 0 }) =>
  engineConfig({
    task: 'image-text',
    model: { kind: 'dual-encoder', ...models.get('dual-encoder').tiny },
    stage: {
      totalSteps: 12,
      batchSize: 4,
      losses: [{ name: 'clip' }],
      gradClipNorm: 0,
      evaluateEvery: 100,
      optimizer: { learningRate: 1e-4, ...optimizer },
      schedule: { kind: 'constant', warmupSteps: 0 },
      towerBalance,
    },
    evaluation: { batches: 1, checkpointEvery: 1000 },
  })

it('is refused of a model without two towers, by its place', () => {
  const config = engineConfig({ stage: { towerBalance: { kind: 'gradient-ratio' } } })
  expect(checkConfig(config)).toEqual([
    {
      path: ['stages', 0, 'towerBalance', 'kind'],
      message: expect.stringContaining('no two towers') as string,
    },
  ])
})

await describeOnDevices('a run of two towers', (device) => {
  /** The image tower's gradients are many times shorter: what its blocks add to is larger. */
  async function open(config: ReturnType<typeof configOf>): Promise<TrainSession> {
    const session = createTrainSession({ device: device(), config, facts: smallFacts })
    const tensors = await session.exportState()
    for (const [name, { data }] of tensors)
      if (name.startsWith('image.') && !name.startsWith('image.h.'))
        for (let i = 0; i < data.length; i++) (data as Float32Array)[i]! *= 40
    session.importState(tensors, 'all')
    return session
  }

  const data: RunData = {
    facts: smallFacts,
    trainBatch: ({ step }) => randomTaskBatch(configOf({ kind: 'none' }), { batchSize: 4, seed: step }),
    validationBatches: () => 1,
    validationBatch: () => randomTaskBatch(configOf({ kind: 'none' }), { batchSize: 4, seed: 99 }),
    ...dataWithoutItems,
    text: null,
  }

  async function run(session: TrainSession, progress: RunProgress, limit: number) {
    const saved: { progress: RunProgress; tensors: NamedTensors }[] = []
    let clock = 0
    const host: TrainHost = {
      now: () => (clock += 1),
      loadBest: () => Promise.resolve(null),
      saveCheckpoint: (state) => (saved.push(state), Promise.resolve({ sizeBytes: 1 })),
    }
    const controls = { learningRate: null, demands: new Set<never>() }
    const { config } = session
    const events: TrainEvent[] = []
    for await (const own of trainRun({ session, config, data, host, controls, progress, limit }))
      events.push(...own)
    return { events, saved: saved.at(-1)! }
  }

  const distance = (before: NamedTensors, after: NamedTensors, tower: string) =>
    Math.sqrt(
      [...after].reduce((sum, [name, { data: now }]) => {
        if (!name.startsWith(tower)) return sum
        const then = before.get(name)!.data
        return Array.from(now as Float32Array).reduce(
          (own, value, i) => own + (value - Number(then[i])) ** 2,
          sum,
        )
      }, 0),
    )

  it('measures gradients as SGD moves weights by them, and moves each tower by its factor', async () => {
    const session = await open(configOf({ kind: 'gradient-ratio' }))
    for (const towerRates of [undefined, [1, 0.25]]) {
      const before = await session.exportState()
      const request = {
        step: 0,
        stageStep: 0,
        batches: [randomTaskBatch(session.config, { batchSize: 4, seed: 5 })],
      }
      const { towerNorms, gradNorm } = await session
        .step({ ...request, learningRate: 0.01, towerRates })
        .read()
      const after = await session.exportState()
      towers.forEach((tower, i) => {
        const expected = 0.01 * (towerRates?.[i] ?? 1) * towerNorms![i]!
        expect(distance(before, after, tower) / expected).toBeCloseTo(1, 3)
      })
      expect(Math.hypot(...towerNorms!)).toBeLessThanOrEqual(gradNorm * 1.0001)
    }
    session.dispose()
  })

  it('brings how far towers go together, which without it stay apart', async () => {
    const ratioWith = async (towerBalance: object) => {
      const session = await open(configOf(towerBalance))
      const first = await run(session, freshProgress(), 3)
      const { events } = await run(session, first.saved.progress, 12)
      const ratio =
        distance(first.saved.tensors, await session.exportState(), 'text.') /
        distance(first.saved.tensors, await session.exportState(), 'image.')
      session.dispose()
      return { ratio, events }
    }
    const without = await ratioWith({ kind: 'none' })
    const { ratio, events } = await ratioWith({ kind: 'gradient-ratio', strength: 1, ...shared })
    expect(without.ratio).toBeGreaterThan(10)
    expect(Math.abs(Math.log(ratio))).toBeLessThan(Math.log(2))
    const told = events.flatMap((event) => (event.type === 'metrics' ? Object.entries(event.values) : []))
    const of = (name: string) => told.filter(([key]) => key === name).map(([, value]) => value)
    expect(of('image/learningRateFactor')).toEqual([1, 1, 1])
    for (const factor of of('text/learningRateFactor')) expect(factor).toBeLessThan(0.1)
    expect(of('text/gradNorm')[0]! / of('image/gradNorm')[0]!).toBeGreaterThan(10)
    expect(without.events.some((event) => event.type === 'metrics' && 'text/gradNorm' in event.values)).toBe(
      false,
    )
  })

  it('goes on from a checkpoint between two settings of factors to the same bits', async () => {
    const config = configOf({ kind: 'gradient-modulation', strength: 0.5, ...shared }, { kind: 'adamw' })
    const whole = await open(config)
    const expected = await run(whole, freshProgress(), 12)
    const before = await open(config)
    const { saved } = await run(before, freshProgress(), 5)
    expect(saved.progress.towers).toMatchObject({ count: 2 })
    expect(saved.progress.towers!.rates).not.toEqual(freshTowers(2).rates)
    const after = createTrainSession({ device: device(), config, facts: smallFacts })
    after.importState(saved.tensors, 'all')
    const towersOf = parseTowers(JSON.parse(JSON.stringify(saved.progress.towers)))
    const rest = await run(after, { ...structuredClone(saved.progress), towers: towersOf }, 12)
    const losses = ({ events }: { events: TrainEvent[] }) =>
      events.flatMap((event) => (event.type === 'metrics' ? [event.values['train/loss']] : []))
    expect(losses(rest)).toEqual(losses(expected).slice(-losses(rest).length))
    expect(bitsOf(await after.exportState())).toEqual(bitsOf(await whole.exportState()))
    for (const session of [whole, before, after]) session.dispose()
  })
})
