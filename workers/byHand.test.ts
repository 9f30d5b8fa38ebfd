import { expect, it } from 'vitest'
import { freshProgress } from '../src/engine/training/trainRun.ts'
import { ByHand } from './byHand.ts'

const fresh = () => ({
  learningRate: null as number | null,
  lossWeights: new Map<number, number>(),
  demands: new Set<never>(),
})

it('sets again what the checkpoint does not know, and nothing else', () => {
  const restart = { backend: 'webgpu', isPaused: false, learningRate: 0.5, lossWeights: [[1, 4]] } as const
  const controls = fresh()
  const byHand = new ByHand(restart, controls)
  byHand.repeat(freshProgress())
  expect([controls.learningRate, ...controls.lossWeights]).toEqual([0.5, [1, 4]])
  const known = fresh()
  const edits = [
    { step: 3, setting: 'lossWeight.1', value: 4 } as const,
    { step: 9, setting: 'learningRate', value: 0.5 } as const,
  ]
  new ByHand(restart, known).repeat({ ...freshProgress(), edits })
  expect([known.learningRate, known.lossWeights.size]).toEqual([null, 0])
})

it('refuses what is no number from 0, and keeps what was', () => {
  const controls = fresh()
  const byHand = new ByHand(null, controls)
  byHand.set({ type: 'set-loss-weight', loss: 0, value: 2 })
  expect(() => byHand.set({ type: 'set-loss-weight', loss: 0, value: -1 })).toThrow(/from 0, got -1/)
  expect(() => byHand.set({ type: 'set-learning-rate', value: NaN })).toThrow(/from 0, got NaN/)
  expect([controls.learningRate, ...controls.lossWeights]).toEqual([null, [0, 2]])
})
