import { describe, expect, it } from 'vitest'
import { bitsOf, engineConfig } from '../../../tests/helpers/engineConfig.ts'
import { describeOnFastest } from '../../../tests/helpers/gpu.ts'
import { randomTaskBatch, smallFacts } from '../../../tests/helpers/taskBatch.ts'
import { createTrainSession, type TrainSession } from '../training/trainSession.ts'
import { checkConfig } from './checkConfig.ts'
import { checkFacts } from './checkFacts.ts'
import selfSupervised from './selfSupervised.ts'

const configFor = (loss: string, stage: Record<string, unknown> = {}) =>
  engineConfig({
    task: 'self-supervised',
    data: { augmentations: [{ kind: 'any' }] },
    model: { kind: 'conv-net', widths: [4], blocksPerStage: 1 },
    stage: { batchSize: 6, losses: [{ name: loss }], ...stage },
  })
const averaged = { weightAverage: { isEnabled: true, decay: 0.9 } }

async function train(session: TrainSession, steps: number) {
  const read: number[] = []
  for (let step = 0; step < steps; step++) {
    const batch = randomTaskBatch(session.config, { batchSize: 6, seed: step % 2 })
    const request = { step, stageStep: step, batches: [batch], learningRate: 3e-3 }
    read.push((await session.step(request).read()).loss)
  }
  return { read, state: bitsOf(await session.exportState()) }
}

await describeOnFastest('self-supervised learning', (device) => {
  const open = (config: ReturnType<typeof configFor>, isEager = false) =>
    createTrainSession({ device: device(), config, facts: smallFacts, isEager })

  it.each(selfSupervised.losses)(
    '%s trains, with a teacher that follows, recorded as eager',
    async (loss) => {
      const config = configFor(loss, averaged)
      const [eager, recorded] = [open(config, true), open(config)]
      const expected = await train(eager, 4)
      expect(await train(recorded, 4)).toEqual(expected)
      for (const value of expected.read) expect(Number.isFinite(value)).toBe(true)
      expect(recorded.refusal).toBeNull()
      eager.dispose()
      recorded.dispose()
    },
  )

  it('with an average, the teacher is the average: the loss is another one', async () => {
    const [own, taught] = [open(configFor('byol')), open(configFor('byol', averaged))]
    const [first, second] = [await train(own, 4), await train(taught, 4)]
    // Before the first update both are the same.
    expect(second.read[0]).toBe(first.read[0])
    expect(second.read[3]).not.toBe(first.read[3])
    own.dispose()
    taught.dispose()
  })
})

describe('the configuration of self-supervised learning', () => {
  it('needs an augmentation, and labels where the loss does', () => {
    const config = configFor('supervised-contrastive')
    const without = { ...config, data: { ...config.data, augmentations: [] } }
    expect(checkConfig(without)).toEqual([
      { path: ['data', 'augmentations'], message: expect.stringContaining('at least one') as string },
    ])
    const { image } = smallFacts
    expect(() => checkFacts(config, { image: image!, classes: [] })).toThrow(
      'stages[0].losses: supervised-contrastive needs items with labels, and these have none',
    )
    expect(() => checkFacts(configFor('vicreg'), { image: image!, classes: [] })).not.toThrow()
    expect(() => checkFacts(config, smallFacts)).not.toThrow()
  })

  it('has weights only for what its losses look through', () => {
    const headsOf = (loss: string) => {
      const { images } = selfSupervised.sizes(smallFacts, configFor(loss))
      return images!.head
    }
    expect(headsOf('nt-xent')).toMatchObject({ hasPredictor: false, prototypes: 0 })
    expect(headsOf('byol')).toMatchObject({ hasPredictor: true, prototypes: 0 })
    expect(headsOf('swav')).toMatchObject({ hasPredictor: false, prototypes: 64 })
  })
})
