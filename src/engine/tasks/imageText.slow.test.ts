import { describe, expect, it, vi } from 'vitest'
import { engineConfig } from '../../../tests/helpers/engineConfig.ts'
import { describeOnFastest } from '../../../tests/helpers/gpu.ts'
import { randomTaskBatch, smallFacts } from '../../../tests/helpers/taskBatch.ts'
import { createDevice } from '../backend/createDevice.ts'
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

it('asks averaged weights only for losses that compare with what they make', async () => {
  const device = await createDevice({ backend: 'cpu', gpu: null })
  const forward = vi.spyOn(models.get('dual-encoder'), 'forward')
  const passes: number[] = []
  for (const loss of [{ name: 'clip' }, moco(true)]) {
    const session = createTrainSession({ device, config: configWith(loss), facts: smallFacts })
    const batches = [randomTaskBatch(session.config, { batchSize: 4, seed: 1 })]
    for (const step of [0, 1]) {
      // The first step also counts what it will take.
      forward.mockClear()
      await session.step({ step, stageStep: step, batches, learningRate: 0.01 }).read()
    }
    passes.push(forward.mock.calls.length)
    session.dispose()
  }
  forward.mockRestore()
  device.dispose()
  expect(passes).toEqual([1, 2])
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
