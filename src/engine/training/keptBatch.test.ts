import { expect, it } from 'vitest'
import { engineConfig } from '../../../tests/helpers/engineConfig.ts'
import { describeOnFastest } from '../../../tests/helpers/gpu.ts'
import { randomTaskBatch, smallFacts } from '../../../tests/helpers/taskBatch.ts'
import { models } from '../models/registry.ts'
import { keptBatch } from './keptBatch.ts'
import type { RunContext } from './runContext.ts'
import { createTrainSession, type TrainSession } from './trainSession.ts'

const config = engineConfig({
  task: 'image-classification',
  model: { kind: 'conv-net', ...models.get('conv-net').tiny },
  stage: { batchSize: 4, accumulationSteps: 2, losses: [{ name: 'cross-entropy' }] },
})
const batches = [1, 2].map((seed) => randomTaskBatch(config, { batchSize: 4, seed }))
const places = [10, 11, 12, 13, 14, 15, 16, 17]

function contextOf(session: Pick<TrainSession, 'evaluate'>, data: object = {}): RunContext {
  return {
    config,
    session,
    stage: config.stages[0]!,
    progress: { step: 100, stageIndex: 0, stageStep: 100, neighbours: null },
    data: {
      facts: smallFacts,
      trainItems: () => ({ of: 'items', places }),
      trainBatch: ({ microStep }: { microStep: number }) => batches[microStep]!,
      trainItem: (place: number) => ({ view: { kind: 'row', cells: [] }, target: `is ${place}` }),
      ...data,
    },
  } as unknown as RunContext
}

async function kept(context: RunContext, step: number) {
  const telling = keptBatch(context, step)
  for (;;) {
    const next = await telling.next()
    if (next.done === true) return next.value
  }
}

await describeOnFastest('a batch that is kept', (device) => {
  it('has the losses of its items, the highest first, whose means are those of its batches', async () => {
    const session = createTrainSession({ device: device(), config, facts: smallFacts })
    const found = (await kept(contextOf(session), 80))!
    const whole = await Promise.all(batches.map((batch) => session.evaluate(batch)))
    session.dispose()
    expect(found).toMatchObject({ step: 80, of: 'items', lossesAt: 100 })
    expect([...found.places].sort()).toEqual(places)
    expect(found.losses).toEqual([...found.losses!].sort((a, b) => b - a))
    expect(found.targets).toEqual(found.places.map((place) => `is ${place}`))
    const meanOf = (own: readonly number[]) =>
      own.reduce((sum, place) => sum + found.losses![found.places.indexOf(place)]!, 0) / own.length
    expect(meanOf(places.slice(0, 4))).toBeCloseTo(whole[0]!.loss, 5)
    expect(meanOf(places.slice(4))).toBeCloseTo(whole[1]!.loss, 5)
  })
})

it('has what is no number first', async () => {
  const losses = [1, 2, NaN, 4, 5, 6, 7, 8]
  const session = { evaluate: () => Promise.resolve({ loss: losses.shift()!, measured: new Float32Array() }) }
  const found = (await kept(contextOf(session), 80))!
  expect(found.places).toEqual([12, 17, 16, 15, 14, 13, 11, 10])
  expect(found.losses![0]).toBeNaN()
})

it.each([
  [50, false],
  [79, true],
  [100, false],
])('is none of neighbours that were found anew since: every %i updates', async (every, isKept) => {
  const session = { evaluate: () => Promise.resolve({ loss: 1, measured: new Float32Array() }) }
  expect((await kept(contextOf(session, { refresh: { every } }), 80)) !== null).toBe(isKept)
})
