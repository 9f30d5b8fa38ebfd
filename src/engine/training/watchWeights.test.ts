import { expect, it } from 'vitest'
import { engineConfig } from '../../../tests/helpers/engineConfig.ts'
import { randomTaskBatch, smallFacts } from '../../../tests/helpers/taskBatch.ts'
import type { NamedTensors } from '../../core/hostTensor.ts'
import { float32Tensor } from '../../core/hostTensor.ts'
import { createDevice } from '../backend/createDevice.ts'
import { emptyHistory } from './notices/history.ts'
import { createTrainSession } from './trainSession.ts'
import { freshProgress } from './trainRun.ts'
import { watchWeights } from './watchWeights.ts'

const tensorsOf = (image: number, text: number): NamedTensors =>
  new Map(
    Object.entries({ 'image.a': image, 'text.a': text, 'loss.clip.logScale': 2.5 }).map(([name, value]) => [
      name,
      float32Tensor([1], Float32Array.of(value)),
    ]),
  )

const losses = [{ name: 'clip', params: { isTemperatureLearned: true, largestScale: 50 } }]

/** History after checkpoints at steps 5 and 9. */
function watched(kind: string, components: unknown[] = []) {
  const config = { ...engineConfig({ stage: { components, losses } }), model: { kind } }
  const [history, stage] = [emptyHistory(), config.stages[0]!]
  for (const [step, tensors] of [
    [5, tensorsOf(2, 1)],
    [9, tensorsOf(3, 1)],
  ] as const) {
    const progress = { ...freshProgress(), step, stageStep: step }
    watchWeights({ config, stage, progress, history }, tensors)
  }
  return history
}

it('notes how far towers went between two checkpoints, and temperatures', () => {
  const { towers, logScales } = watched('dual-encoder')
  expect(towers).toEqual([{ step: 9, moved: { 'image.': 0.5, 'text.': 0 }, gradients: {} }])
  expect(logScales).toEqual([{ name: 'loss.clip.logScale', value: 2.5, most: Math.log(50) }])
})

it('says nothing of a tower that is frozen, until it is not, and of models with one part', () => {
  const frozen = { match: 'text', isFrozen: true }
  expect(watched('dual-encoder', [frozen]).towers).toEqual([])
  expect(watched('dual-encoder', [{ ...frozen, unfreezeAt: 3 }]).towers).toHaveLength(1)
  expect(watched('gpt').towers).toEqual([])
})

it('counts units that no gradient reaches, as a layer of dead ReLUs has them', async () => {
  const device = await createDevice({ backend: 'cpu', gpu: null })
  const config = engineConfig({
    task: 'table-classification',
    model: {
      kind: 'mlp',
      hidden: { shape: 'even', width: 16, depth: 1 },
      activation: 'relu',
      norm: 'none',
      hasResidual: false,
    },
    stage: { batchSize: 4, losses: [{ name: 'cross-entropy' }] },
  })
  const session = createTrainSession({ device, config, facts: smallFacts })
  const weights = await session.exportState()
  const [name, bias] = [...weights].find(([key, { shape }]) => key.endsWith('bias') && shape[0] === 16)!
  // Far below zero for every row.
  const values = Float32Array.from(bias.data as Float32Array, (value, unit) => (unit < 5 ? -1e4 : value))
  session.importState(new Map([...weights, [name, float32Tensor([16], values)]]), 'weights')
  for (let step = 0; step < 3; step++) {
    const batches = [randomTaskBatch(config, { batchSize: 4, seed: step })]
    await session.step({ step, stageStep: step, batches, learningRate: 1e-3 }).read()
  }
  const history = emptyHistory()
  const progress = { ...freshProgress(), step: 3, stageStep: 3 }
  watchWeights({ config, stage: config.stages[0]!, progress, history }, await session.exportState())
  expect(history.deadUnits.find(({ units }) => units === 16)).toMatchObject({ dead: 5, units: 16 })
  session.dispose()
  device.dispose()
})
