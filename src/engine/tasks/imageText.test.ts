import { describe, expect, it } from 'vitest'
import { engineConfig } from '../../../tests/helpers/engineConfig.ts'
import { describeOnFastest } from '../../../tests/helpers/gpu.ts'
import { randomTaskBatch, smallFacts } from '../../../tests/helpers/taskBatch.ts'
import { models } from '../models/registry.ts'
import { createTrainSession } from '../training/trainSession.ts'
import { checkConfig } from './checkConfig.ts'

const configWith = (...losses: Record<string, unknown>[]) =>
  engineConfig({
    task: 'image-text',
    model: { kind: 'dual-encoder', ...models.get('dual-encoder').tiny },
    stage: {
      batchSize: 4,
      losses,
      optimizer: { kind: 'adamw', weightDecay: 0 },
      weightAverage: { isEnabled: true, decay: 0.9 },
    },
  })
const moco = (isSymmetric: boolean) => ({ name: 'moco', params: { queueSize: 8, isSymmetric } })

await describeOnFastest('images and captions against a queue', (device) => {
  it('moves both towers where both sides ask', async () => {
    const session = createTrainSession({
      device: device(),
      config: configWith(moco(true)),
      facts: smallFacts,
    })
    const before = await session.exportState()
    for (let step = 0; step < 2; step++) {
      const batches = [randomTaskBatch(session.config, { batchSize: 4, seed: step })]
      await session.step({ step, stageStep: step, batches, learningRate: 0.01 }).read()
    }
    const after = await session.exportState()
    const hasMoved = (tower: string) =>
      [...before.keys()]
        .filter((name) => name.startsWith(tower))
        .some((name) => before.get(name)!.data.some((x, i) => x !== after.get(name)!.data[i]))
    expect([hasMoved('image.'), hasMoved('text.')]).toEqual([true, true])
    session.dispose()
  })
})

describe('the configuration of images and captions', () => {
  it('refuses a queue that leaves the texts’ tower without a gradient, by name', () => {
    expect(checkConfig(configWith(moco(true)))).toEqual([])
    expect(checkConfig(configWith(moco(false), { name: 'clip' }))).toEqual([])
    for (const losses of [[moco(false)], [moco(false), { name: 'clip', weight: 0 }]])
      expect(checkConfig(configWith(...losses))).toEqual([
        {
          path: ['stages', 0, 'losses', 0, 'params', 'isSymmetric'],
          message: expect.stringMatching(/must be on .* texts’ tower .* got off/) as string,
        },
      ])
  })
})
