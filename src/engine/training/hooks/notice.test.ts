import { expect, it } from 'vitest'
import { emptyHistory } from '../notices/history.ts'
import type { RunContext } from '../runContext.ts'
import type { TrainEvent } from '../types.ts'
import notice from './notice.ts'

it('is said with its step, once, and only after a validation', async () => {
  const history = emptyHistory()
  history.evaluations.push({ step: 7, values: { 'validation/effectiveRank': 1 }, view: null })
  const context = { progress: { step: 7 }, history, said: new Set(), evaluation: {} } as unknown as RunContext
  const told: TrainEvent[] = []
  for (let validation = 0; validation < 2; validation++)
    for await (const event of notice.run(context)) told.push(event)
  expect(told).toEqual([
    expect.objectContaining({
      type: 'notice',
      step: 7,
      level: 'warning',
      title: 'All items look the same to the model',
    }),
  ])
  expect(notice.isDue(context)).toBe(true)
  expect(notice.isDue({ ...context, evaluation: null })).toBe(false)
})
