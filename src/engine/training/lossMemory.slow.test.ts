import { describe, expect, it, vi } from 'vitest'
import type { RunConfig } from '../../core/runConfig.ts'
import { bitsOf, engineConfig, randomBatch } from '../../../tests/helpers/engineConfig.ts'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import {
  add,
  exp,
  mean,
  memory,
  mul,
  square,
  sub,
  tensor1d,
  type Scalar,
  type Tensor2D,
} from '../backend/tfjs.ts'
import { defineLoss } from '../losses/defineLoss.ts'
import type * as lossRegistry from '../losses/registry.ts'
import type * as languageModel from '../tasks/languageModel.ts'
import { createTrainSession, type StepReadings, type TrainSession } from './trainSession.ts'

/** exp(logScale) · mean (logits - centre)² - logScale, where the centre follows the mean logits. It counts its batches. */
const remembering = defineLoss({
  id: 'remembering',
  title: 'Remembering',
  summary: 'Learns a number and keeps two tensors, of both types.',
  formula: '',
  use: 'Tests.',
  accepts: 'classes',
  fields: {},
  scalars: () => ({ logScale: 0.5 }),
  state: (_params, { width }) => ({
    centre: { shape: [width], dtype: 'float32', init: 'ones' },
    batches: { shape: [1], dtype: 'int32', init: 'zeros' },
  }),
  compute(_params, { logits }, { scalars, state }) {
    const rows = logits as Tensor2D
    const { centre, batches } = state as { [name: string]: typeof rows }
    const distance = mean(square(sub(rows, centre!))) as Scalar
    const loss: Scalar = sub(mul(exp(scalars['logScale']!), distance), scalars['logScale']!)
    const next = add(mul(centre!, 0.5), mul(mean(rows, 0), 0.5))
    return {
      loss,
      parts: { distance },
      state: { centre: next, batches: add(batches!, tensor1d([1], 'int32')) },
    }
  },
})

vi.mock('../losses/registry.ts', async (load) => {
  const original = await load<typeof lossRegistry>()
  const get = (id: string) => (id === remembering.id ? remembering : original.losses.get(id))
  return { ...original, losses: { all: original.losses.all, get } }
})

vi.mock('../tasks/languageModel.ts', async (load) => {
  const original = await load<typeof languageModel>()
  return { default: { ...original.default, losses: ['cross-entropy', 'remembering'] } }
})

const vocabSize = 7
const entry = (name: string): RunConfig['stages'][number]['losses'][number] => ({
  name,
  weight: 1,
  fromStep: 0,
  untilStep: 0,
  rampSteps: 0,
  params: name === 'cross-entropy' ? { labelSmoothing: 0 } : {},
})

/** As if the form offered the loss: the schema is made before tests can add to it. */
function configOf(stage: Record<string, unknown>, lossNames: string[]): RunConfig {
  const config = engineConfig({ model: { numLayers: 1 }, stage })
  return { ...config, stages: [{ ...config.stages[0]!, losses: lossNames.map(entry) }] }
}

const two = configOf({ accumulationSteps: 2 }, ['remembering', 'cross-entropy', 'remembering'])

async function train(session: TrainSession, from: number, to: number): Promise<StepReadings[]> {
  const readings: StepReadings[] = []
  for (let step = from; step < to; step++) {
    const batches = [0, 1].map((i) =>
      randomBatch({ batchSize: 3, seqLen: 12, vocabSize, seed: 100 * step + i }),
    )
    readings.push(await session.step({ step, stageStep: step, batches, learningRate: 0.01 }).read())
  }
  return readings
}

await describeOnDevices('what losses learn and keep', (device) => {
  const open = (config = two, isEager = false) =>
    createTrainSession({ device: device(), config, facts: { vocabSize }, isEager })

  it('is learned and kept, one for each loss, and stands in checkpoints', async () => {
    const session = open()
    const before = await session.exportState()
    const names = ['loss.remembering', 'loss.remembering.2']
    for (const name of names) {
      expect(before.get(`${name}.logScale`)).toMatchObject({ shape: [1], data: Float32Array.of(0.5) })
      expect(before.get(`${name}.centre`)!.data).toEqual(new Float32Array(vocabSize).fill(1))
    }
    const [first] = await train(session, 0, 3)
    expect(Object.keys(first!.parts)).toEqual([
      'remembering',
      'remembering/distance',
      'cross-entropy',
      'remembering.2',
      'remembering.2/distance',
    ])
    const after = await session.exportState()
    for (const name of names) {
      // exp(s) · distance - s falls towards s = -log(distance), and the distance is far below 1.
      expect(after.get(`${name}.logScale`)!.data[0]).not.toBe(0.5)
      expect(after.get(`${name}.batches`)).toMatchObject({ dtype: 'int32', data: Int32Array.of(6) })
      expect(after.has(`optimizer.m.${name}.logScale`)).toBe(true)
      expect(after.get(`${name}.centre`)!.data.every((x) => Math.abs(Number(x)) < 0.5)).toBe(true)
    }
    session.dispose()
  })

  it('goes on from a checkpoint as if never interrupted, and is not part of the weights alone', async () => {
    const whole = open()
    await train(whole, 0, 2)
    const checkpoint = await whole.exportState()
    const resumed = open()
    resumed.importState(checkpoint, 'all')
    expect(await train(resumed, 2, 5)).toEqual(await train(whole, 2, 5))
    expect(bitsOf(await resumed.exportState())).toEqual(bitsOf(await whole.exportState()))
    const fresh = open()
    fresh.importState(checkpoint, 'weights')
    const state = await fresh.exportState()
    expect(state.get('loss.remembering.batches')!.data).toEqual(Int32Array.of(0))
    expect(state.get('loss.remembering.logScale')!.data).toEqual(Float32Array.of(0.5))
    expect(() => {
      const wrong = new Map(checkpoint).set('loss.remembering.batches', {
        dtype: 'float32',
        shape: [1],
        data: Float32Array.of(1),
      })
      fresh.importState(wrong, 'all')
    }).toThrow(/loss.remembering.batches: must hold whole numbers of 32 bits, got float32/)
    for (const session of [whole, resumed, fresh]) session.dispose()
  })

  it('leaves no tensors behind in eager steps', async () => {
    const session = open(two, true)
    await train(session, 0, 2)
    const { numTensors } = memory()
    await train(session, 2, 5)
    expect(memory().numTensors).toBe(numTensors)
    session.dispose()
  })

  it('is left alone by validation, and by an update whose gradient is not finite', async () => {
    const session = open()
    await train(session, 0, 1)
    const before = bitsOf(await session.exportState())
    await session.evaluate(randomBatch({ batchSize: 3, seqLen: 12, vocabSize, seed: 1 }))
    expect(bitsOf(await session.exportState())).toEqual(before)
    const broken = new Map(await session.exportState())
    const scale = broken.get('loss.remembering.logScale')!
    broken.set('loss.remembering.logScale', { ...scale, data: Float32Array.of(1e30) })
    session.importState(broken, 'all')
    const kept = bitsOf(await session.exportState())
    const [reading] = await train(session, 1, 2)
    expect(Number.isFinite(reading!.gradNorm)).toBe(false)
    expect(bitsOf(await session.exportState())).toEqual(kept)
    session.dispose()
  })

  it.each(['muon', 'adafactor', 'sgd', 'lion', 'rmsprop'])('is learned by %s', async (kind) => {
    const session = open(configOf({ accumulationSteps: 2, optimizer: { kind } }, ['remembering']))
    await train(session, 0, 2)
    const { data } = (await session.exportState()).get('loss.remembering.logScale')!
    expect(Number.isFinite(Number(data[0]))).toBe(true)
    expect(data[0]).not.toBe(0.5)
    session.dispose()
  })

  describe('captured steps', () => {
    it('keep the same bits as eager ones', async () => {
      const [captured, eager] = [open(), open(two, true)]
      expect(await train(captured, 0, 10)).toEqual(await train(eager, 0, 10))
      expect(bitsOf(await captured.exportState())).toEqual(bitsOf(await eager.exportState()))
      expect(captured.refusal).toBeNull()
      captured.dispose()
      eager.dispose()
    })
  })
})
