import 'fake-indexeddb/auto'
import { describe, expect, it } from 'vitest'
import { dataConfig } from '../tests/helpers/dataConfig.ts'
import { engineConfig } from '../tests/helpers/engineConfig.ts'
import type { Prepared } from '../src/core/prepared.ts'
import { noToken } from '../src/data/textTokens.ts'
import { checkConfig } from '../src/engine/tasks/checkConfig.ts'
import { runData } from './runData.ts'
import { at, lossesOf, openBench, tensorBytes, uninterrupted } from './testRun.ts'

/** Text n is n + 1 tokens long: no two are as hard. */
const count = 60
const part = {
  count,
  arrays: {
    texts: Int32Array.from({ length: count * count }, (_, i) =>
      i % count <= Math.floor(i / count) ? i % 5 : noToken,
    ),
    textIds: Int32Array.from({ length: count }, (_, i) => i),
    labels: Int32Array.from({ length: count }, (_, i) => i % 2),
  },
}
const prepared: Prepared = {
  key: 'a',
  kind: 'table',
  train: part,
  validation: part,
  coding: {
    facts: { vocabSize: 6, textTokens: count, classes: ['a', 'b'] },
    tokenizer: { kind: 'characters', state: { characters: 'abcdef', hasUnknown: false } },
  },
  sizeBytes: 0,
}
const ofRun = { kind: 'length', startShare: 0.1, overSteps: 9, root: 1 }
const ofStage = { startShare: 0.2, overSteps: 4, root: 2 }
const steps = [5, 6]
/** The updates of both stages, counted along. */
const updates = steps.flatMap((totalSteps, stageIndex) =>
  Array.from({ length: totalSteps }, (_, stageStep) => ({
    step: stageIndex * steps[0]! + stageStep,
    stageIndex,
    stageStep,
  })),
)

function dataOf(second: Record<string, unknown>, data: Parameters<typeof dataConfig>[0], seed = 0) {
  const stages = steps.map((totalSteps) => ({ totalSteps }))
  const base = engineConfig({ task: 'text-classification', model: { kind: 'encoder' }, seed, stages })
  return runData(prepared, {
    ...base,
    // The engine's schema has no difficulties.
    stages: [base.stages[0]!, { ...base.stages[1]!, ...second }],
    data: dataConfig({ sampler: { kind: 'shuffled-items' }, curriculum: ofRun, ...data }),
  })
}

/** Where the share of the easiest is that of `growth` after `done` updates: the shortest so many texts, in steps of 1/128. */
function allowed({ startShare, overSteps, root }: typeof ofRun, done: number): number {
  const first = Math.pow(startShare, root)
  const share = Math.min(1, Math.pow((done / overSteps) * (1 - first) + first, 1 / root))
  return Math.min(count, Math.ceil((Math.ceil(share * 128) / 128) * count))
}

describe('a stage', () => {
  it.each([
    ['draws as the run does where it says nothing', {}, (step: number) => allowed(ofRun, step)],
    [
      'counts a curriculum of its own from its first update',
      { curriculum: { kind: 'length', ...ofStage } },
      (_: number, own: number) => allowed({ kind: 'length', ...ofStage }, own),
    ],
    ['has none where it says so', { curriculum: { kind: 'none' } }, () => count],
  ])('%s', (_, second, ofSecond) => {
    const runs = Array.from({ length: 150 }, (_, seed) => dataOf(second, {}, seed))
    for (const update of updates) {
      const drawn = runs.map(
        (data) => data.trainItems({ ...update, accumulationSteps: 1, batchSize: 6 }).places,
      )
      const { step, stageIndex, stageStep } = update
      const most = stageIndex === 0 ? allowed(ofRun, step) : ofSecond(step, stageStep)
      const seen = [...new Set(drawn.flat())].sort((a, b) => a - b)
      expect(seen, `update ${step}`).toEqual(Array.from({ length: Math.max(6, most) }, (_, i) => i))
    }
  })

  it('has a strength of augmentation of its own', () => {
    const dropping = { curriculum: { kind: 'none' }, textAugmentations: [{ kind: 'drop-tokens', rate: 0.9 }] }
    const growing = { kind: 'growing', startShare: 0, overSteps: 4, root: 1 } as const
    const kept = (data: ReturnType<typeof dataOf>) =>
      updates.map((update) => {
        const { arrays } = data.trainBatch({ ...update, microStep: 0, accumulationSteps: 1, batchSize: 10 })
        return Array.from(arrays['textMask']!).reduce((sum, one) => sum + one, 0)
      })
    const whole = kept(dataOf({}, { curriculum: { kind: 'none' } }))
    const full = kept(dataOf({}, dropping))
    const own = kept(dataOf({ severity: growing }, dropping))
    expect(own.slice(0, 5), 'the run’s: all of it').toEqual(full.slice(0, 5))
    expect(own[5], 'nothing').toBe(whole[5])
    for (const i of [6, 7, 8]) {
      expect(own[i]).toBeLessThan(whole[i]!)
      expect(own[i]).toBeGreaterThan(full[i]!)
    }
    expect(own.slice(9), 'from its fourth update').toEqual(full.slice(9))
    expect(kept(dataOf({ severity: { kind: 'full' } }, { ...dropping, severity: growing })).slice(5)).toEqual(
      full.slice(5),
    )
  })
})

it('a run that is stopped in its second stage goes on with that one’s curriculum, bit for bit', async () => {
  const curriculum = { kind: 'rarity', startShare: 0.2, overSteps: 5, root: 1 }
  const stages = [{ totalSteps: 4 }, { totalSteps: 6, curriculum }]
  const bench = await openBench(4, { stages })
  const whole = await uninterrupted(bench)
  const first = bench.host(
    { runId: 'a' },
    at(7, (host) => host.control({ type: 'stop' })),
  )
  await first.host.run()
  const stopped = Math.max(...Object.keys(lossesOf(first.events)).map(Number))
  expect([7, 8, 9]).toContain(stopped)
  const second = bench.host({ runId: 'a', isResume: true })
  await second.host.run()
  expect({ ...lossesOf(first.events), ...lossesOf(second.events) }).toEqual(whole.losses)
  expect(await tensorBytes(bench.db, 'a')).toEqual(whole.tensors)
  const plain = await uninterrupted(await openBench(4, { stages: [{ totalSteps: 4 }, { totalSteps: 6 }] }))
  for (const step of [1, 2, 3, 4]) expect(plain.losses[step]).toBe(whole.losses[step])
  expect(plain.losses[5], 'it does something').not.toBe(whole.losses[5])
})

describe('is refused by name:', () => {
  it('lengths of windows', async () => {
    const stages = [{}, { curriculum: { kind: 'length' } }]
    const bench = await openBench(4, { stages })
    const { host, events } = bench.host({ runId: 'a' })
    await host.run()
    expect(events).toContainEqual(
      expect.objectContaining({
        error: expect.objectContaining({
          code: 'curriculum-kind',
          message: expect.stringMatching(/^Curriculum of stage 2: “Short texts first”/) as string,
        }) as object,
      }),
    )
  })

  it('what cannot grow', () => {
    const base = engineConfig({ task: 'image-classification', model: { kind: 'conv-net' }, stages: [{}, {}] })
    const stages = base.stages.map((stage, i) => ({
      ...stage,
      ...(i === 1 && {
        curriculum: { kind: 'rarity' },
        severity: { kind: 'growing', startShare: 0, overSteps: 4, root: 1 } as const,
      }),
    }))
    const issues = checkConfig({ ...base, data: dataConfig(), stages })
    expect(issues.map(({ path }) => path.join('.')).filter((path) => path.startsWith('stages.1.'))).toEqual([
      'stages.1.severity.kind',
      'stages.1.curriculum.kind',
    ])
  })
})
