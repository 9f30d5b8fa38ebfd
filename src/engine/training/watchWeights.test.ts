import { expect, it } from 'vitest'
import { engineConfig } from '../../../tests/helpers/engineConfig.ts'
import type { NamedTensors } from '../../core/hostTensor.ts'
import { float32Tensor } from '../../core/hostTensor.ts'
import { emptyHistory } from './notices/history.ts'
import { freshProgress } from './trainRun.ts'
import { watchWeights } from './watchWeights.ts'

const tensorsOf = (image: number, text: number): NamedTensors =>
  new Map(
    Object.entries({ 'image.a': image, 'text.a': text, 'loss.clip.logScale': 2.5 }).map(([name, value]) => [
      name,
      float32Tensor([1], Float32Array.of(value)),
    ]),
  )

/** History after checkpoints at steps 5 and 9. */
function watched(kind: string, components: unknown[] = []) {
  const config = { ...engineConfig({ stage: { components } }), model: { kind } }
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
  expect(logScales).toEqual({ clip: 2.5 })
})

it('says nothing of a tower that is frozen, until it is not, and of models with one part', () => {
  const frozen = { match: 'text', isFrozen: true }
  expect(watched('dual-encoder', [frozen]).towers).toEqual([])
  expect(watched('dual-encoder', [{ ...frozen, unfreezeAt: 3 }]).towers).toHaveLength(1)
  expect(watched('gpt').towers).toEqual([])
})
