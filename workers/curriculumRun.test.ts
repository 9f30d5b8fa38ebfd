import 'fake-indexeddb/auto'
import { describe, expect, it } from 'vitest'
import { dataConfig } from '../tests/helpers/dataConfig.ts'
import { engineConfig } from '../tests/helpers/engineConfig.ts'
import { tokensOf, type Prepared } from '../src/core/prepared.ts'
import type { DataConfig } from '../src/core/runConfig.ts'
import { noToken } from '../src/data/textTokens.ts'
import { loadPrepared } from '../src/storage/preparedStore.ts'
import { runData } from './runData.ts'
import { at, lossesOf, openBench, statusesOf, tensorBytes, uninterrupted } from './testRun.ts'

/** An update of a run of one stage. */
const inFirst = (step: number) => ({ step, stageIndex: 0, stageStep: step })
const growing = { startShare: 0.2, overSteps: 6, root: 2 }

describe('a curriculum of a text', () => {
  const data = { curriculum: { kind: 'rarity', ...growing } }

  it('needs no state: a run that is stopped and taken up again has the bits of one that never was', async () => {
    const bench = await openBench(8, { data })
    const whole = await uninterrupted(bench)
    const first = bench.host(
      { runId: 'a' },
      at(4, (host) => host.control({ type: 'stop' })),
    )
    await first.host.run()
    expect(statusesOf(first.events).at(-1)).toBe('stopped')
    const second = bench.host({ runId: 'a', isResume: true })
    await second.host.run()
    expect({ ...lossesOf(first.events), ...lossesOf(second.events) }).toEqual(whole.losses)
    expect(await tensorBytes(bench.db, 'a')).toEqual(whole.tensors)
    const plain = await uninterrupted(await openBench(8))
    expect(plain.losses[1], 'it does something').not.toBe(whole.losses[1])
  })

  it('draws whole windows of the text, the commonest first, and in the end from everywhere', async () => {
    const bench = await openBench(8, { data })
    const prepared = (await loadPrepared(bench.db, { preparedKey: bench.preparedKey, preparedBytes: null }))!
    const { trainBatch } = runData(prepared, bench.config)
    const tokens = tokensOf(prepared.train)
    const startsAt = (step: number) => {
      const { arrays } = trainBatch({ ...inFirst(step), microStep: 0, accumulationSteps: 1, batchSize: 16 })
      return Array.from({ length: 16 }, (_, row) => {
        const own = [...arrays['ids']!.subarray(row * 8, (row + 1) * 8)]
        return Array.from({ length: tokens.length - 8 }, (_, i) => i).filter((start) =>
          own.every((token, k) => tokens[start + k] === token),
        )
      })
    }
    for (const starts of startsAt(0)) expect(starts.some((start) => start % 8 === 0)).toBe(true)
    expect(startsAt(6).some((starts) => starts.every((start) => start % 8 !== 0))).toBe(true)
  })

  it('refuses lengths, which windows do not differ in', async () => {
    const bench = await openBench(8, { data: { curriculum: { kind: 'length', ...growing } } })
    const prepared = (await loadPrepared(bench.db, { preparedKey: bench.preparedKey, preparedBytes: null }))!
    expect(() => runData(prepared, bench.config)).toThrow(
      expect.objectContaining({ code: 'curriculum-kind' }) as Error,
    )
  })
})

describe('a curriculum of items', () => {
  const count = 60
  const perItem = 12
  /** Text n is n % 12 + 1 tokens long. */
  const lengths = Array.from({ length: count }, (_, n) => (n % perItem) + 1)
  const texts = Int32Array.from({ length: count * perItem }, (_, i) =>
    i % perItem < lengths[Math.floor(i / perItem)]! ? i % 5 : noToken,
  )
  const arrays = {
    texts,
    textIds: Int32Array.from({ length: count }, (_, i) => i),
    labels: Int32Array.from({ length: count }, (_, i) => i % 2),
  }
  const prepared: Prepared = {
    key: 'a',
    kind: 'table',
    train: { count, arrays },
    validation: { count, arrays },
    coding: {
      facts: { vocabSize: 6, textTokens: perItem, classes: ['a', 'b'] },
      tokenizer: { kind: 'characters', state: { characters: 'abcdef', hasUnknown: false } },
    },
    sizeBytes: 0,
  }
  const dataOf = (change: Partial<DataConfig>) => {
    const base = engineConfig({ task: 'text-classification', model: { kind: 'encoder' } })
    return runData(prepared, {
      ...base,
      data: dataConfig({ sampler: { kind: 'shuffled-items' }, ...change }),
    })
  }
  const tokensIn = (data: ReturnType<typeof dataOf>, step: number) => {
    const { arrays: found } = data.trainBatch({
      ...inFirst(step),
      microStep: 0,
      accumulationSteps: 1,
      batchSize: 10,
    })
    const mask = Array.from(found['textMask']!)
    const own = mask.length / 10
    return Array.from({ length: 10 }, (_, row) =>
      mask.slice(row * own, (row + 1) * own).reduce((sum, one) => sum + one, 0),
    )
  }

  it.each(['shuffled-items', 'length-buckets', 'balanced-items', 'grouped-items', 'similar-items'])(
    'gives “%s” the shortest texts only, and all in the end',
    (kind) => {
      const sampler = { kind, ...(kind === 'grouped-items' ? { perGroup: 2 } : {}) }
      const data = dataOf({ sampler, curriculum: { kind: 'length', ...growing } })
      // 0.2 of 60, in steps of 1/128: the 13 shortest are of three tokens at most.
      expect(Math.max(...tokensIn(data, 0))).toBeLessThanOrEqual(3)
      const late = [6, 7, 8, 9, 10, 11].flatMap((step) => tokensIn(data, step))
      expect(Math.max(...late)).toBeGreaterThan(9)
      expect(tokensIn(dataOf({ sampler, curriculum: { kind: 'length', ...growing } }), 3)).toEqual(
        tokensIn(data, 3),
      )
    },
  )

  it('weakens what is done to texts at first', () => {
    const textAugmentations = [{ kind: 'drop-tokens', rate: 0.9 }]
    const severity = { kind: 'growing', startShare: 0, overSteps: 10, root: 1 } as const
    const kept = (change: Partial<DataConfig>, step: number) =>
      tokensIn(dataOf({ ...change }), step).reduce((sum, tokens) => sum + tokens, 0)
    expect(kept({ textAugmentations, severity }, 0)).toBe(kept({}, 0))
    expect(kept({ textAugmentations, severity }, 5)).toBeLessThan(kept({}, 5))
    expect(kept({ textAugmentations, severity }, 10)).toBe(kept({ textAugmentations }, 10))
  })
})
