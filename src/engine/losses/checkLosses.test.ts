import { expect, it } from 'vitest'
import { engineConfig } from '../../../tests/helpers/engineConfig.ts'
import { evaluate, variantsOf } from '../../../tests/helpers/lossRuns.ts'
import { checkConfig } from '../tasks/checkConfig.ts'
import * as tf from '../backend/tfjs.ts'
import { losses } from './registry.ts'

const configWith = (loss: Record<string, unknown>, kind = 'fixed') =>
  engineConfig({
    task: 'self-supervised',
    data: { augmentations: [{ kind: 'any' }] },
    model: { kind: 'conv-net', widths: [4], blocksPerStage: 1 },
    stage: { batchSize: 6, losses: [{ name: 'nt-xent' }, loss], lossBalance: { kind } },
  })

it.each(['negative-cosine', 'simsiam', 'koleo', 'alignment-uniformity', 'decoupled-contrastive'])(
  'refuses %s under learned uncertainties, by its name and place, and not elsewhere',
  (name) => {
    expect(checkConfig(configWith({ name }, 'averages'))).toEqual([])
    expect(checkConfig(configWith({ name }, 'uncertainty'))).toEqual([
      {
        path: ['stages', 0, 'losses', 1, 'name'],
        message: expect.stringMatching(new RegExp(`never below 0 .* got ${name};`)) as string,
      },
    ])
  },
)

it('looks at the settings that make a loss negative', () => {
  const of = (denominator: string) => ({ name: 'composed-contrastive', params: { denominator } })
  expect(checkConfig(configWith(of('own'), 'uncertainty'))).toEqual([])
  expect(checkConfig(configWith(of('none'), 'uncertainty'))).toHaveLength(1)
})

it('refuses settings that contradict each other, by path', () => {
  const params = { lowestTemperature: 0.5, highestTemperature: 0.2 }
  expect(checkConfig(configWith({ name: 'dynamic-temperature', params }))).toEqual([
    {
      path: ['stages', 0, 'losses', 1, 'params', 'lowestTemperature'],
      message: 'must be at most the highest temperature, 0.2, got 0.5',
    },
  ])
})

it.each(losses.all.flatMap(variantsOf).map((variant) => [variant.title, variant] as const))(
  '%s: is not below 0, unless it says that it can be',
  async (_title, variant) => {
    await tf.setBackend('cpu')
    if (variant.loss.canBeNegative(variant.params)) return
    for (const seed of [1, 2]) {
      const found = await evaluate(variant, { order: [0, 1, 2, 3, 4, 5], seed, areTwins: seed === 2 })
      if ('value' in found) expect(found.value).toBeGreaterThan(-1e-5)
    }
  },
)
