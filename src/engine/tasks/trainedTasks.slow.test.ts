import { describe, expect, it } from 'vitest'
import { bitsOf } from '../../../tests/helpers/engineConfig.ts'
import { describeOnDevices, describeOnFastest } from '../../../tests/helpers/gpu.ts'
import { randomTaskBatch, smallFacts } from '../../../tests/helpers/taskBatch.ts'
import { taskConfigs } from '../../../tests/helpers/taskConfigs.ts'
import type { RunConfig } from '../../core/runConfig.ts'
import * as tf from '../backend/tfjs.ts'
import { writtenTexts } from '../training/writing.ts'
import { createTrainSession, type TrainSession } from '../training/trainSession.ts'
import { tasks } from './registry.ts'

async function train(session: TrainSession, from: number, to: number, sameBatch = false) {
  const read: number[] = []
  const held = new Set<number>()
  for (let step = from; step < to; step++) {
    const batch = randomTaskBatch(session.config, { batchSize: 4, seed: sameBatch ? 1 : step })
    const request = { step, stageStep: step, batches: [batch], learningRate: 5e-3 }
    read.push((await session.step(request).read()).loss)
    // The first step makes what stays.
    if (step > from) held.add(tf.memory().numTensors)
  }
  expect(held.size, 'numbers of tensors after steps').toBe(1)
  return { losses: read, state: bitsOf(await session.exportState()) }
}

await describeOnDevices('every task', (device) => {
  const open = (config: RunConfig, isEager = false) =>
    createTrainSession({ device: device(), config, facts: smallFacts, isEager })

  it.each(taskConfigs)(
    '%s: recorded and resumed steps have the bits of eager ones',
    async (_name, config) => {
      const [eager, recorded, resumed] = [open(config, true), open(config), open(config)]
      const expected = await train(eager, 0, 6)
      const first = await train(recorded, 0, 3)
      resumed.importState(await recorded.exportState(), 'all')
      const second = await train(resumed, 3, 6)
      expect([...first.losses, ...second.losses]).toEqual(expected.losses)
      expect(second.state).toEqual(expected.state)
      expect(recorded.refusal).toBeNull()
      const batch = randomTaskBatch(config, { batchSize: 4, seed: 9 })
      const [ofEager, ofResumed] = [await eager.evaluate(batch), await resumed.evaluate(batch)]
      expect([...ofResumed.measured]).toEqual([...ofEager.measured])
      for (const session of [eager, recorded, resumed]) session.dispose()
    },
  )
})

await describeOnFastest('every task', (device) => {
  it.each(taskConfigs)('%s: learns a batch by heart, and reports it', async (_name, config) => {
    const session = createTrainSession({ device: device(), config, facts: smallFacts })
    const { losses } = await train(session, 0, 120, true)
    expect(losses.at(-1)).toBeLessThan(0.5 * losses[0]!)
    const task = tasks.get(config.task)
    const batch = randomTaskBatch(config, { batchSize: 4, seed: 1 })
    const { measured } = await session.evaluate(batch)
    const decode = (tokens: readonly number[]) => tokens.join(' ')
    const written = task.writing && {
      written: await writtenTexts(session, batch, { decode, isLooking: true }),
    }
    const seen = [{ ...batch, validItems: 4, places: Int32Array.of(3, 1, 0, 2), measured, ...written }]
    const report = task.report(seen, smallFacts)
    expect(Object.keys(report)).toEqual(task.metrics.map(({ name }) => name))
    for (const value of Object.values(report)) expect(value).not.toBeNaN()
    const view = task.view(seen, smallFacts, () => null)
    if (view?.kind === 'confusion') {
      expect(view.counts.reduce((sum, count) => sum + count, 0)).toBe(4)
      expect(view.mistakes.length).toBe(Math.round(4 * (1 - report['validation/accuracy']!)))
    } else if (view?.kind === 'label-sets') {
      expect(view.items).toHaveLength(4)
      expect(report['validation/exactSets']).toBe(1)
      for (const { right, said, both } of view.labels) expect([said, both]).toEqual([right, right])
    } else if (view?.kind === 'neighbours') {
      expect(view.rows.map(({ nearest }) => nearest.length)).toEqual([3, 3, 3, 3])
    } else if (view?.kind === 'search') {
      expect(view.byWords.map(({ found }) => found.filter(({ isRight }) => isRight).length)).toEqual([
        1, 1, 1, 1,
      ])
    } else if (view?.kind === 'translations') {
      for (const { attention } of view.texts) {
        const { read, wrote, shares } = attention!
        if (read.length === 0) continue
        const sums = wrote.map((_, place) =>
          shares
            .subarray(place * read.length, (place + 1) * read.length)
            .reduce((sum, share) => sum + share, 0),
        )
        for (const sum of sums) expect(sum).toBeCloseTo(1, 4)
      }
    } else if (view?.kind === 'predictions') expect(view.points).toHaveLength(4)
    session.dispose()
  })
})

describe('what a validation of classes shows', () => {
  const task = tasks.get('table-classification')
  const scores = (best: number, sureness: number) => [0, 1, 2].map((i) => (i === best ? sureness : 0))
  const batch = {
    arrays: { labels: Int32Array.of(0, 1, 2, 1) },
    batchSize: 4,
    validItems: 3,
    places: Int32Array.of(7, 8, 9, 0),
    measured: Float32Array.from([scores(0, 1), scores(0, 2), scores(0, 5), scores(0, 9)].flat()),
  }

  it('counts what counts, and puts the surest mistake first, with its item', () => {
    const view = task.view([batch], smallFacts, (place) => ({
      kind: 'row',
      cells: [['place', String(place)]],
    }))!
    if (view.kind !== 'confusion') throw new Error('not a confusion')
    expect([...view.counts]).toEqual([1, 0, 0, 1, 0, 0, 1, 0, 0])
    expect(view.mistakes.map(({ right, said, item }) => [right, said, item])).toEqual([
      [2, 0, { kind: 'row', cells: [['place', '9']] }],
      [1, 0, { kind: 'row', cells: [['place', '8']] }],
    ])
    expect(view.mistakes[0]!.confidence).toBeCloseTo(Math.exp(5) / (Math.exp(5) + 2), 6)
  })

  it('shows nothing where there are too many classes for a picture', () => {
    const classes = Array.from({ length: 101 }, (_, i) => `${i}`)
    expect(task.view([], { ...smallFacts, classes }, () => null)).toBeNull()
  })
})
