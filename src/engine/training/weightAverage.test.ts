import { expect, it } from 'vitest'
import { bitsOf, engineConfig, randomBatch } from '../../../tests/helpers/engineConfig.ts'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { expectClose, sameBits } from '../../../tests/helpers/kernels.ts'
import type { NamedTensors } from '../../core/hostTensor.ts'
import { memoryPlan } from './memoryPlan.ts'
import { createTrainSession, type TrainSession } from './trainSession.ts'

const vocabSize = 11
const decay = 0.75
const batchAt = (seed: number) => randomBatch({ batchSize: 3, seqLen: 12, vocabSize, seed })
const average = { isEnabled: true, decay, isEvaluated: true }

async function train(session: TrainSession, from: number, to: number): Promise<number[]> {
  const losses: number[] = []
  for (let step = from; step < to; step++) {
    const request = { step, stageStep: step, batches: [batchAt(step)], learningRate: 1e-2 }
    losses.push((await session.step(request).read()).loss)
  }
  return losses
}

const valuesOf = (state: NamedTensors, name: string): Float32Array => state.get(name)!.data as Float32Array
/** What a session of the averaged weights alone would hold. */
const averaged = (state: NamedTensors): NamedTensors =>
  new Map([...state].flatMap(([name, value]) => (name.startsWith('ema.') ? [[name.slice(4), value]] : [])))

await describeOnDevices('averaged weights', (deviceOf) => {
  const open = (weightAverage: Record<string, unknown>, stage: Record<string, unknown> = {}) =>
    createTrainSession({
      device: deviceOf(),
      config: engineConfig({ model: { numLayers: 1 }, stage: { weightAverage, ...stage } }),
      facts: { vocabSize },
    })

  it('follow the weights from their beginning, and do not change the training', async () => {
    const [session, plain] = [open(average), open({})]
    const name = 'transformer.h.0.mlp.c_fc.weight'
    let expected = Float64Array.from(valuesOf(await session.exportState(), name))
    for (let step = 0; step < 4; step++) {
      expect(await train(session, step, step + 1)).toEqual(await train(plain, step, step + 1))
      const weight = valuesOf(await session.exportState(), name)
      expected = expected.map((value, i) => decay * value + (1 - decay) * weight[i]!)
    }
    const state = await session.exportState()
    expectClose(valuesOf(state, `ema.${name}`), expected, { rtol: 1e-6, atol: 0 })
    expect([...(await plain.exportState()).keys()].filter((key) => key.startsWith('ema.'))).toEqual([])
    session.dispose()
    plain.dispose()
  })

  it('are what is validated and sampled from, where asked for', async () => {
    const [session, last, other] = [open(average), open({ ...average, isEvaluated: false }), open({})]
    await train(session, 0, 3)
    await train(last, 0, 3)
    const batch = batchAt(99)
    other.importState(averaged(await session.exportState()), 'weights')
    expect((await session.evaluate(batch)).loss).toBe((await other.evaluate(batch)).loss)
    expect(sameBits(await session.nextLogits([1, 2]), await other.nextLogits([1, 2]))).toBe(true)
    other.importState(await last.exportState(), 'weights')
    expect((await last.evaluate(batch)).loss).toBe((await other.evaluate(batch)).loss)
    expect((await last.evaluate(batch)).loss).not.toBe((await session.evaluate(batch)).loss)
    for (const each of [session, last, other]) each.dispose()
  })

  it('go on from a checkpoint with the same bits, and without one begin with the weights', async () => {
    const [whole, resumed, fork] = [open(average), open(average), open(average)]
    await train(whole, 0, 3)
    const saved = await whole.exportState()
    resumed.importState(saved, 'all')
    expect(await train(resumed, 3, 6)).toEqual(await train(whole, 3, 6))
    expect(bitsOf(await resumed.exportState())).toEqual(bitsOf(await whole.exportState()))
    fork.importState(saved, 'weights')
    expect(bitsOf(averaged(await fork.exportState()))).toEqual(bitsOf(averaged(saved)))
    const weights = new Map([...saved].filter(([name]) => !/^(ema|optimizer)\./.test(name)))
    fork.importState(weights, 'weights')
    expect(bitsOf(averaged(await fork.exportState()))).toEqual(bitsOf(weights))
    expect(() => fork.importState(weights, 'all')).toThrow(/must hold optimizer\./)
    for (const each of [whole, resumed, fork]) each.dispose()
  })

  it('count in the plan of memory', () => {
    const session = open(average)
    const { optimizer } = memoryPlan(session.config, { vocabSize }, deviceOf().info)
    expect(session.memory().optimizer).toBe(optimizer)
    expect(optimizer).toBe(3 * session.memory().parameters)
    session.dispose()
  })
})
