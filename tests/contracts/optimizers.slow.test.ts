import { expect, it } from 'vitest'
import { optimizers } from '../../src/engine/optim/registry.ts'
import { createTrainSession, type TrainSession } from '../../src/engine/training/trainSession.ts'
import { bitsOf, engineConfig, randomBatch } from '../helpers/engineConfig.ts'
import { describeOnDevices } from '../helpers/gpu.ts'

const vocabSize = 9
const ids = optimizers.all.map(({ id }) => id)
/** Of the tiniest GPT, for some tens of steps; the defaults of the others are right for it. */
const learningRates: Readonly<Record<string, number>> = {
  lion: 3e-3,
  sgd: 0.3,
  muon: 0.1,
  adagrad: 0.1,
  adafactor: 0.1,
}

/** Losses of the steps, all of one batch. */
async function train(session: TrainSession, kind: string, from: number, to: number): Promise<number[]> {
  const batches = [randomBatch({ batchSize: 2, seqLen: 6, vocabSize, seed: 3 })]
  const losses: number[] = []
  for (let step = from; step < to; step++) {
    const learningRate = learningRates[kind] ?? 0.02
    losses.push((await session.step({ step, stageStep: step, batches, learningRate }).read()).loss)
  }
  return losses
}

await describeOnDevices('every optimizer', (device) => {
  const open = (kind: string, stage: Record<string, unknown> = {}, isEager = false) =>
    createTrainSession({
      device: device(),
      config: engineConfig({
        model: { numLayers: 1, numHeads: 2, embedDim: 8, seqLen: 6, dropoutRate: 0 },
        stage: { batchSize: 2, optimizer: { kind }, ...stage },
      }),
      facts: { vocabSize },
      isEager,
    })

  it.each(ids)('%s learns one batch by heart', async (kind) => {
    const session = open(kind)
    const losses = await train(session, kind, 0, 60)
    expect(losses[0]).toBeGreaterThan(2)
    expect(losses.at(-1)).toBeLessThan(losses[0]! / 2)
    session.dispose()
  })

  it.each(ids)('%s: captured and resumed steps keep the bits of eager ones', async (kind) => {
    const stage = { gradClipNorm: 0.5, components: [{ match: '*.mlp.*', learningRateMultiplier: 0.5 }] }
    const [captured, eager, resumed] = [open(kind, stage), open(kind, stage, true), open(kind, stage)]
    const first = await train(captured, kind, 0, 4)
    resumed.importState(await captured.exportState(), 'all')
    const all = [...first, ...(await train(captured, kind, 4, 8))]
    expect(all).toEqual(await train(eager, kind, 0, 8))
    await train(resumed, kind, 4, 8)
    const bits = bitsOf(await captured.exportState())
    expect(bitsOf(await eager.exportState())).toEqual(bits)
    expect(bitsOf(await resumed.exportState())).toEqual(bits)
    expect(captured.refusal).toBeNull()
    for (const session of [captured, eager, resumed]) session.dispose()
  })

  it.each(ids)('%s leaves what is frozen as it is, to the bit', async (kind) => {
    const session = open(kind, { components: [{ match: '*.mlp.*', isFrozen: true }] })
    const before = bitsOf(await session.exportState())
    await train(session, kind, 0, 3)
    const after = bitsOf(await session.exportState())
    const weights = Object.keys(before).filter((name) => name.startsWith('transformer.h.0.'))
    const changed = weights.filter((name) => after[name] !== before[name])
    expect(weights.filter((name) => name.includes('.mlp.')).length).toBeGreaterThan(0)
    expect(changed.length).toBeGreaterThan(0)
    expect(changed.filter((name) => name.includes('.mlp.'))).toEqual([])
    session.dispose()
  })
})
