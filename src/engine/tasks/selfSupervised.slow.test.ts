import { describe, expect, it } from 'vitest'
import { bitsOf, engineConfig } from '../../../tests/helpers/engineConfig.ts'
import { describeOnFastest } from '../../../tests/helpers/gpu.ts'
import { mean } from '../../../tests/helpers/losses.ts'
import { randomTaskBatch, smallFacts } from '../../../tests/helpers/taskBatch.ts'
import * as tf from '../backend/tfjs.ts'
import { createTrainSession, type TrainSession } from '../training/trainSession.ts'
import { checkConfig } from './checkConfig.ts'
import { checkFacts } from './checkFacts.ts'
import type { Predict } from './defineTask.ts'
import selfSupervised from './selfSupervised.ts'

const configFor = (loss: string, stage: Record<string, unknown> = {}, data: Record<string, unknown> = {}) =>
  engineConfig({
    task: 'self-supervised',
    data: { augmentations: [{ kind: 'any' }], ...data },
    model: { kind: 'conv-net', widths: [4], blocksPerStage: 1 },
    stage: { batchSize: 6, losses: [{ name: loss }], ...stage },
  })
const multiCrop = { smallCrops: { count: 2, size: 8 } }
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

  it.each(['swav', 'dino', 'byol'])('%s with small crops is recorded as eager', async (loss) => {
    const config = configFor(loss, averaged, multiCrop)
    const [eager, recorded] = [open(config, true), open(config)]
    const expected = await train(eager, 3)
    expect(await train(recorded, 3)).toEqual(expected)
    expect(recorded.refusal).toBeNull()
    eager.dispose()
    recorded.dispose()
  })

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

describe('small crops', () => {
  const config = configFor('swav', {}, multiCrop)

  it('are views of the student alone, and scores of low resolution', async () => {
    await tf.setBackend('cpu')
    const { arrays } = randomTaskBatch(config, { batchSize: 3, seed: 1 })
    const { image } = smallFacts
    /** Of each picture its mean, twice as much as a score. */
    const predict: Predict = ({ images }) => {
      const vectors: tf.Tensor2D = tf.reshape(tf.mean(images!.pixels, [1, 2, 3]), [-1, 1])
      return { pooled: vectors, projection: { vectors, predicted: null, scores: tf.mul(vectors, 2) } }
    }
    const batch = {
      arrays: Object.fromEntries(
        Object.entries(arrays).map(([name, values]): [string, tf.Tensor1D] => [
          name,
          tf.tensor1d(values, values instanceof Int32Array ? 'int32' : 'float32'),
        ]),
      ),
      batchSize: 3,
      facts: { image: image! },
    }
    const { views, prototypeScores } = selfSupervised.forward(predict, batch, predict)
    const meansOf = (name: string) => {
      const perItem = arrays[name]!.length / 3
      return [0, 1, 2].map((item) => mean([...arrays[name]!.subarray(item * perItem, (item + 1) * perItem)]))
    }
    const expectEach = (found: readonly tf.Tensor2D[], names: readonly string[], factor: number) => {
      expect(found).toHaveLength(names.length)
      names.forEach((name, view) => {
        const values = found[view]!.dataSync()
        meansOf(name).forEach((value, item) => expect(values[item]).toBeCloseTo(factor * value, 4))
      })
    }
    expectEach(views!.student, ['viewA', 'viewB', 'smallView0', 'smallView1'], 1)
    expectEach(views!.teacher, ['viewA', 'viewB'], 1)
    expectEach(prototypeScores!.high, ['viewA', 'viewB'], 2)
    expectEach(prototypeScores!.low, ['smallView0', 'smallView1'], 2)
  })

  it('are refused that no patch fits, that are none, or of pictures that are no squares', () => {
    const of = (smallCrops: object) =>
      checkConfig(
        engineConfig({
          task: 'self-supervised',
          data: { augmentations: [{ kind: 'any' }], smallCrops: { count: 2, ...smallCrops } },
          model: { kind: 'vit', patchSize: 4 },
          stage: { losses: [{ name: 'swav' }] },
        }),
      )
    const paths = (issues: ReturnType<typeof of>) => issues.map(({ path }) => path.join('.'))
    expect(paths(of({ size: 10, minScale: 0.5 }))).toEqual([
      'data.smallCrops.size',
      'data.smallCrops.minScale',
    ])
    const wide = { image: { height: 8, width: 16, channels: 1 } }
    expect(() => checkFacts(config, wide)).toThrow(/square pictures .* got 16 × 8/)
    expect(() => checkFacts(configFor('swav'), wide)).not.toThrow()
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
