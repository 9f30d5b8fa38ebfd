import { expect, it } from 'vitest'
import { addReading, emptyHistory } from '../notices/history.ts'
import type { RunContext } from '../runContext.ts'
import type { TrainEvent } from '../types.ts'
import notice from './notice.ts'

it('keeps the batch of a spike with the notice', async () => {
  const history = emptyHistory()
  for (let step = 1; step <= 100; step++)
    addReading(history, { step, loss: step === 80 ? 9 : 1, learningRate: 1 })
  const asked: unknown[] = []
  const batch = { step: 80, of: 'items', places: [3, 1], shown: [] } as const
  const context = {
    progress: { step: 100 },
    history,
    said: new Set(),
    evaluation: {},
    stage: { batchSize: 2, accumulationSteps: 1 },
    data: { trainItems: (request: unknown) => (asked.push(request), batch) },
  } as unknown as RunContext
  const told: TrainEvent[] = []
  for await (const event of notice.run(context)) told.push(event)
  expect(told).toMatchObject([{ title: 'One batch stood out', step: 100, batch, sinceStep: 80 }])
  expect(asked).toEqual([{ step: 79, batchSize: 2, accumulationSteps: 1 }])
})

it.each([
  [50, false],
  [79, true],
  [100, false],
])('names no batch of neighbours that were found anew since: every %i updates', async (every, isKept) => {
  const history = emptyHistory()
  for (let step = 1; step <= 100; step++)
    addReading(history, { step, loss: step === 80 ? 9 : 1, learningRate: 1 })
  const neighbours = { perItem: 1, items: new Int32Array(4) }
  const asked: unknown[] = []
  const context = {
    progress: { step: 100, neighbours },
    history,
    said: new Set(),
    evaluation: {},
    stage: { batchSize: 2, accumulationSteps: 1 },
    data: { refresh: { every }, trainItems: (request: unknown) => (asked.push(request), { places: [3] }) },
  } as unknown as RunContext
  const told: TrainEvent[] = []
  for await (const event of notice.run(context)) told.push(event)
  expect(told).toHaveLength(1)
  expect('batch' in told[0]!).toBe(isKept)
  expect(asked).toEqual(isKept ? [{ step: 79, batchSize: 2, accumulationSteps: 1, neighbours }] : [])
})

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
