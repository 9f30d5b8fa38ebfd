import { expect, it } from 'vitest'
import { engineConfig } from '../../../../tests/helpers/engineConfig.ts'
import type { RunContext } from '../runContext.ts'
import { freshProgress } from '../trainRun.ts'
import restoreBest from './restoreBest.ts'

const stage = engineConfig({ stage: { earlyStopping: { isEnabled: true } } }).stages[0]!
const isDue = (best: RunContext['progress']['best'], change: Partial<RunContext> = {}) =>
  restoreBest.isDue({
    stage,
    progress: { ...freshProgress(), step: 9, best },
    isEndOfStage: true,
    stopReason: null,
    ...change,
  } as RunContext)

it('is due where a stage ends behind its best, by the metric that it watches', () => {
  const best = { metric: stage.monitor, value: 1, step: 4 }
  expect(isDue(best)).toBe(true)
  expect(isDue(best, { isEndOfStage: false })).toBe(false)
  expect(isDue(best, { isEndOfStage: false, stopReason: 'no better' })).toBe(true)
  expect(isDue({ ...best, step: 9 })).toBe(false)
  expect(isDue({ ...best, metric: 'validation/accuracy' })).toBe(false)
  expect(isDue(null)).toBe(false)
})
