import { expect, it } from 'vitest'
import { testCatalog } from '../../tests/fixtures/testCatalog.ts'
import { branchChanges, branchIssues, withRateTimes } from './branch.ts'
import { createRunSchema, parseRunConfig } from './runConfig.ts'

const schema = createRunSchema(testCatalog)
const config = parseRunConfig(schema, {
  stages: [0.1, 0.02].map((learningRate) => ({ optimizer: { learningRate } })),
})
const point = { config, step: 1030, stageIndex: 1, stageStep: 30 }

it('a branch at half the rate changes nothing else, and may begin', () => {
  const slower = withRateTimes({ ...point, edits: [] }, 0.5)
  expect(slower.stages.map(({ optimizer }) => optimizer['learningRate'])).toEqual([0.1, 0.01])
  expect(branchChanges(schema, config, slower)).toMatchObject([{ from: '0.02', to: '0.01' }])
  expect(branchIssues(schema, point, slower)).toEqual([])
})

it('halves what was last set by hand, where that was in force', () => {
  const edits = [
    { setting: 'learningRate', value: 3 },
    { setting: 'learningRate', value: 0.008 },
    { setting: 'losses.0.weight', value: 7 },
  ]
  expect(withRateTimes({ ...point, edits }, 0.5).stages[1]!.optimizer['learningRate']).toBe(0.004)
})
