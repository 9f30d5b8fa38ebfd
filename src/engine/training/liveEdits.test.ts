import { expect, it } from 'vitest'
import { engineConfig } from '../../../tests/helpers/engineConfig.ts'
import { baseLearningRate, lossOf, lossWeightsAt, noteEdits } from './liveEdits.ts'
import type { LiveControls } from './runContext.ts'
import { freshProgress } from './trainRun.ts'
import type { TrainEvent } from './types.ts'

const stage = engineConfig({
  stage: {
    optimizer: { kind: 'adamw', learningRate: 0.01 },
    losses: [
      { name: 'cross-entropy', weight: 2 },
      { name: 'focal', weight: 3, fromStep: 5 },
    ],
  },
}).stages[0]!

it('come into force once, with their step, and hold until the stage ends', () => {
  const controls: LiveControls = { learningRate: 0.5, lossWeights: new Map([[1, 7]]), demands: new Set() }
  const progress = { ...freshProgress(), step: 104, stageStep: 4 }
  const events: TrainEvent[] = []
  noteEdits(controls, progress, stage, events)
  noteEdits(controls, progress, stage, events)
  expect(events.map((event) => event.type === 'edit' && [event.step, event.setting, event.value])).toEqual([
    [104, 'learningRate', 0.5],
    [104, 'lossWeight.1', 7],
  ])
  expect([baseLearningRate(stage, progress), ...lossWeightsAt(stage, progress)]).toEqual([0.5, 2, 0])
  // A loss that begins at step 5 of its stage has the weight that was set.
  const later = { ...progress, step: 106, stageStep: 6 }
  expect([baseLearningRate(stage, later), ...lossWeightsAt(stage, later)]).toEqual([0.5, 2, 7])
  const next = { ...progress, step: 106, stageStep: 1 }
  expect([baseLearningRate(stage, next), ...lossWeightsAt(stage, next)]).toEqual([0.01, 2, 0])
})

it('leaves losses alone that the stage does not have', () => {
  const controls: LiveControls = { learningRate: null, lossWeights: new Map([[2, 7]]), demands: new Set() }
  const events: TrainEvent[] = []
  noteEdits(controls, freshProgress(), stage, events)
  expect([events, controls.lossWeights!.size]).toEqual([[], 0])
  expect(['lossWeight.2', 'lossWeight.', 'lossWeight.1e9', 'learningRate'].map(lossOf)).toEqual([
    2,
    null,
    null,
    null,
  ])
})
