import { expect, it } from 'vitest'
import { engineConfig } from '../../../../tests/helpers/engineConfig.ts'
import { smallFacts } from '../../../../tests/helpers/taskBatch.ts'
import { addReading, emptyHistory } from '../notices/history.ts'
import type { RunContext } from '../runContext.ts'
import type { TrainEvent } from '../types.ts'
import notice from './notice.ts'

it('keeps the batch of a spike with the notice', async () => {
  const history = emptyHistory()
  for (let step = 1; step <= 100; step++)
    addReading(history, { step, loss: step === 80 ? 9 : 1, learningRate: 1 })
  const context = {
    config: engineConfig({ task: 'image-text', model: { kind: 'dual-encoder' } }),
    progress: { step: 100 },
    history,
    said: new Set(),
    evaluation: {},
    stage: { batchSize: 2, accumulationSteps: 1, losses: [{ name: 'clip' }] },
    data: {
      facts: smallFacts,
      trainItems: () => ({ of: 'items', places: [3, 1] }),
      trainItem: () => null,
    },
  } as unknown as RunContext
  const told: TrainEvent[] = []
  for await (const event of notice.run(context)) told.push(event)
  // What its items are worth apart cannot be said: their loss compares them.
  const batch = { step: 80, of: 'items', places: [3, 1], shown: [], targets: [] }
  expect(told).toMatchObject([{ title: 'One batch stood out', step: 100, batch, sinceStep: 80 }])
  expect('losses' in (told[0] as { batch: object }).batch).toBe(false)
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
