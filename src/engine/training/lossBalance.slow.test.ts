import { describe, expect, it } from 'vitest'
import { bitsOf, engineConfig, randomBatch } from '../../../tests/helpers/engineConfig.ts'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { weightAt } from '../losses/balance.ts'
import { createTrainSession, type StepReadings, type TrainSession } from './trainSession.ts'

const vocabSize = 9
const smoothed = (labelSmoothing: number, settings: Record<string, number> = {}) => ({
  name: 'cross-entropy',
  params: { labelSmoothing },
  ...settings,
})

async function train(session: TrainSession, from: number, to: number): Promise<StepReadings[]> {
  const readings: StepReadings[] = []
  for (let step = from; step < to; step++) {
    const batches = [randomBatch({ batchSize: 2, seqLen: 12, vocabSize, seed: step })]
    readings.push(await session.step({ step, stageStep: step, batches, learningRate: 0.02 }).read())
  }
  return readings
}

/** The two losses of each step. */
const terms = (readings: readonly StepReadings[]): [number, number][] =>
  readings.map(({ parts }) => [parts['cross-entropy']!, parts['cross-entropy.2']!])

describe('the weight of a loss', () => {
  it('rises and falls over its ramp, from the steps that are said', () => {
    const entry = { ...smoothed(0), weight: 2, fromStep: 3, untilStep: 7, rampSteps: 2 }
    const found = Array.from({ length: 10 }, (_, step) => weightAt(entry, step))
    expect(found).toEqual([0, 0, 0, 1, 2, 2, 2, 1, 0, 0])
    const sharp = { ...entry, rampSteps: 0 }
    expect(Array.from({ length: 9 }, (_, step) => weightAt(sharp, step))).toEqual([0, 0, 0, 2, 2, 2, 2, 0, 0])
    expect(weightAt({ ...entry, fromStep: 0, untilStep: 0 }, 5)).toBe(2)
  })
})

await describeOnDevices('the balance of losses', (device) => {
  const open = (stage: Record<string, unknown>, isEager = false) =>
    createTrainSession({
      device: device(),
      config: engineConfig({ model: { numLayers: 1 }, stage: { gradClipNorm: 0, ...stage } }),
      facts: { vocabSize },
      isEager,
    })

  it('follows phases, and validation does not', async () => {
    const losses = [smoothed(0, { untilStep: 4, rampSteps: 2 }), smoothed(0.5, { fromStep: 2, weight: 3 })]
    const session = open({ losses })
    const readings = await train(session, 0, 7)
    terms(readings).forEach(([first, second], step) => {
      const weights = [
        weightAt({ ...losses[0]!, weight: 1, fromStep: 0, untilStep: 4, rampSteps: 2 }, step),
        step < 2 ? 0 : 3,
      ]
      expect(readings[step]!.loss).toBeCloseTo(weights[0]! * first + weights[1]! * second, 4)
    })
    const batch = randomBatch({ batchSize: 2, seqLen: 12, vocabSize, seed: 1 })
    const plain = open({ losses: [smoothed(0), smoothed(0.5, { weight: 3 })] })
    plain.importState(await session.exportState(), 'weights')
    expect((await session.evaluate(batch)).loss).toBe((await plain.evaluate(batch)).loss)
    session.dispose()
    plain.dispose()
  })

  it('leaves what metrics are made from alone', async () => {
    const batch = randomBatch({ batchSize: 2, seqLen: 12, vocabSize, seed: 1 })
    const plain = open({ losses: [smoothed(0)] })
    const smooth = open({ losses: [smoothed(0.3, { weight: 2 }), smoothed(0)] })
    const [expected, found] = [await plain.evaluate(batch), await smooth.evaluate(batch)]
    expect([...expected.measured]).toEqual([expected.loss])
    expect([...found.measured]).toEqual([expected.loss])
    expect(found.loss).toBeGreaterThan(2 * expected.loss)
    plain.dispose()
    smooth.dispose()
  })

  it('learns uncertainties by their gradient', async () => {
    const stage = {
      losses: [smoothed(0), smoothed(0.5, { weight: 2 })],
      lossBalance: { kind: 'uncertainty' },
      optimizer: { kind: 'sgd', momentum: 0, weightDecay: 0 },
    }
    const session = open(stage)
    let s = [0, 0]
    for (let step = 0; step < 4; step++) {
      const [reading] = await train(session, step, step + 1)
      const values = terms([reading!])[0]!
      const weights = [1, 2]
      const expected = values.map((value, i) => weights[i]! * (Math.exp(-s[i]!) * value + s[i]!))
      expect(reading!.loss).toBeCloseTo(expected[0]! + expected[1]!, 4)
      s = s.map((x, i) => x - 0.02 * weights[i]! * (1 - Math.exp(-x) * values[i]!))
      const found = (await session.exportState()).get('loss.balance.logVariances')!.data
      s.forEach((x, i) => expect(found[i]).toBeCloseTo(x, 5))
    }
    session.dispose()
  })

  it('weighs by how losses fall, in windows', async () => {
    const [window, temperature] = [3, 0.5]
    const stage = {
      losses: [smoothed(0), smoothed(0.5)],
      lossBalance: { kind: 'averages', window, temperature },
    }
    const session = open(stage)
    const readings = await train(session, 0, 11)
    const means = (end: number) =>
      [0, 1].map(
        (i) => terms(readings.slice(end - window, end)).reduce((sum, pair) => sum + pair[i]!, 0) / window,
      )
    readings.forEach(({ loss }, step) => {
      const full = Math.floor(step / window) * window
      let weights = [1, 1]
      if (full >= 2 * window) {
        const [last, before] = [means(full), means(full - window)]
        const exps = last.map((value, i) => Math.exp(value / before[i]! / temperature))
        weights = exps.map((x) => (2 * x) / (exps[0]! + exps[1]!))
      }
      const values = terms(readings)[step]!
      expect(loss).toBeCloseTo(weights[0]! * values[0] + weights[1]! * values[1], 4)
    })
    session.dispose()
  })

  it.each(['uncertainty', 'averages', 'gradient-norms'])(
    'captured and resumed steps keep the bits of eager ones: %s',
    async (kind) => {
      const stage = {
        losses: [smoothed(0, { untilStep: 5, rampSteps: 3 }), smoothed(0.5, { fromStep: 2 })],
        lossBalance: { kind, ...(kind === 'averages' ? { window: 2 } : {}) },
      }
      const [captured, eager, resumed] = [open(stage), open(stage, true), open(stage)]
      const first = await train(captured, 0, 4)
      resumed.importState(await captured.exportState(), 'all')
      const all = [...first, ...(await train(captured, 4, 9))]
      expect(all).toEqual(await train(eager, 0, 9))
      await train(resumed, 4, 9)
      const bits = bitsOf(await captured.exportState())
      expect(bitsOf(await eager.exportState())).toEqual(bits)
      expect(bitsOf(await resumed.exportState())).toEqual(bits)
      expect(captured.refusal).toBeNull()
      for (const session of [captured, eager, resumed]) session.dispose()
    },
  )
})
