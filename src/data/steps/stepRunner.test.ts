import { describe, expect, it } from 'vitest'
import type { StepReport } from '../../core/steps.ts'
import { encodeStepValue } from '../../core/stepValue.ts'
import { countingStep, nodeOf } from '../../../tests/helpers/countingStep.ts'
import { defineStep } from './defineStep.ts'
import { createMemoryStepStore } from './memoryStepStore.ts'
import { sourceNode, stepNode, type StepNode } from './stepNode.ts'
import { StepRunner } from './stepRunner.ts'

describe('a graph of steps', () => {
  const read = countingStep('read', ({ inputs }) => inputs['content'])
  const learn = countingStep('learn')
  const apply = countingStep('apply')
  const graph = (change: { learn?: unknown; apply?: unknown; content?: string; seed?: number } = {}) => {
    const content = sourceNode(change.content ?? 'c1', change.content ?? 'c1')
    const rows = nodeOf(read.kind, null, { content })
    const learned = nodeOf(learn.kind, change.learn ?? { size: 1 }, { rows })
    return nodeOf(
      apply.kind,
      change.apply ?? { split: { fraction: 0.1 } },
      { rows, learned },
      change.seed ?? 1,
    )
  }
  const shown = (reports: readonly StepReport[]) =>
    reports.map(({ step, outcome, reason }) => [
      step,
      outcome,
      reason?.kind === 'changed' ? reason.changes : reason?.kind,
    ])

  it('computes only what changed, and says why', async () => {
    const runner = new StepRunner(createMemoryStepStore())
    const first = await runner.run(graph())
    expect(shown(first.reports)).toEqual([
      ['read', 'computed', 'never'],
      ['learn', 'computed', 'never'],
      ['apply', 'computed', 'never'],
    ])
    expect(shown((await runner.run(graph())).reports)).toEqual([
      ['read', 'spared', undefined],
      ['learn', 'spared', undefined],
      ['apply', 'reused', undefined],
    ])
    expect(shown((await runner.run(graph({ apply: { split: { fraction: 0.2 } } }))).reports)).toEqual([
      ['read', 'reused', undefined],
      ['learn', 'reused', undefined],
      ['apply', 'computed', [{ of: 'setting', name: 'split.fraction', before: 0.1, now: 0.2 }]],
    ])
    expect(shown((await runner.run(graph({ learn: { size: 2 } }))).reports)).toEqual([
      ['read', 'reused', undefined],
      ['learn', 'computed', [{ of: 'setting', name: 'size', before: 1, now: 2 }]],
      ['apply', 'computed', [{ of: 'input', name: 'learned' }]],
    ])
    expect(shown((await runner.run(graph({ seed: 2 }))).reports).at(-1)).toEqual([
      'apply',
      'computed',
      [{ of: 'seed', name: 'seed', before: 1, now: 2 }],
    ])
    expect(shown((await runner.run(graph({ content: 'c2' }))).reports)[0]).toEqual([
      'read',
      'computed',
      [{ of: 'input', name: 'content' }],
    ])
    expect([read.calls.count, learn.calls.count, apply.calls.count]).toEqual([2, 3, 5])
  })

  it('names the part whose code changed', async () => {
    const runner = new StepRunner(createMemoryStepStore())
    const at = (version: number, words: number) =>
      stepNode({ ...learn.kind, version }, { config: 1, inputs: {}, parts: { words } })
    await runner.run(at(1, 1))
    const changesOf = async (node: StepNode<unknown>) => shown((await runner.run(node)).reports)[0]![2]
    expect(await changesOf(at(1, 2))).toEqual([{ of: 'code', name: 'words', before: 1, now: 2 }])
    expect(await changesOf(at(3, 2))).toEqual([{ of: 'code', name: '', before: 1, now: 3 }])
  })

  it('finds damage by the checksum, computes anew, and heals', async () => {
    const store = createMemoryStepStore()
    const runner = new StepRunner(store)
    const { value } = await runner.run(graph())
    const { key } = graph()
    for (const damage of [
      (bytes: Uint8Array) => bytes.fill(7, 20, 21),
      (bytes: Uint8Array) => bytes.subarray(0, -8),
    ]) {
      store.contents.set(key, damage(store.contents.get(key)!))
      const again = await runner.run(graph())
      expect(shown(again.reports).at(-1)).toEqual(['apply', 'computed', 'corrupted'])
      expect(again.value).toEqual(value)
      expect(shown((await runner.run(graph())).reports).at(-1)![1]).toBe('reused')
    }
  })

  it('gives up the least recently used within its budget, never what is in use', async () => {
    const size = encodeStepValue({ json: { config: 1, seed: 0, inputs: {} }, arrays: {} }).length
    const store = createMemoryStepStore(2 * size)
    const runner = new StepRunner(store)
    const one = countingStep('one')
    const run = async (config: number) => (await runner.run(nodeOf(one.kind, config))).reports[0]!
    await run(1)
    await run(2)
    await run(1)
    await run(3)
    expect((await run(1)).outcome).toBe('reused')
    expect((await run(2)).reason).toEqual({ kind: 'evicted' })
    store.pinned.add(nodeOf(one.kind, 1).key)
    await run(3)
    await run(4)
    expect((await run(1)).outcome).toBe('reused')
    store.pinned.add(nodeOf(one.kind, 4).key)
    const unkept = await runner.run(nodeOf(one.kind, 5))
    expect([unkept.reports[0]!.unkept, unkept.unkeptBytes?.length]).toEqual(['over-budget', size])
    expect(unkept.value).toEqual({ config: 5, seed: 0, inputs: {} })
    expect((await run(5)).reason).toEqual({ kind: 'unkept' })
    const total = [...store.contents.values()].reduce((sum, bytes) => sum + bytes.length, 0)
    expect(total).toBeLessThanOrEqual(2 * size)
  })

  it('computes what is asked for twice at the same time once, and goes on where the other was cancelled', async () => {
    const slow = countingStep('slow', async () => new Promise((resolve) => setTimeout(resolve, 20, 'made')))
    const runner = new StepRunner(createMemoryStepStore())
    const node = nodeOf(slow.kind, 1)
    const both = await Promise.all([runner.run(node), runner.run(node)])
    expect([slow.calls.count, both.map(({ value }) => value)]).toEqual([1, ['made', 'made']])
    const abort = new AbortController()
    const other = nodeOf(slow.kind, 2)
    const cancelled = runner.run(other, { signal: abort.signal })
    const wanted = runner.run(other)
    abort.abort()
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' })
    expect((await wanted).value).toBe('made')
  })

  it('keeps nothing of a step that fails, and tells its error', async () => {
    const store = createMemoryStepStore()
    const failing = countingStep('failing', () => {
      throw new TypeError('broken')
    })
    const runner = new StepRunner(store)
    for (let i = 0; i < 2; i++) await expect(runner.run(nodeOf(failing.kind, 1))).rejects.toThrow('broken')
    expect([failing.calls.count, store.contents.size]).toEqual([2, 0])
  })

  it('makes anew what is sound but of another shape', async () => {
    const bytes = encodeStepValue({ json: 'old', arrays: {} })
    const strict = defineStep<null, object, number>({
      id: 'strict',
      title: 'strict',
      version: 1,
      codec: {
        pack: (json) => ({ json, arrays: {} }),
        unpack({ json }) {
          if (typeof json !== 'number') throw new TypeError('a number')
          return json
        },
      },
      run: () => 5,
    })
    const store = createMemoryStepStore()
    const node = stepNode(strict, { config: null, inputs: {} })
    await store.put({ key: node.key, identity: node.identity, seconds: 1 }, bytes)
    const { value, reports } = await new StepRunner(store).run(node)
    expect([value, reports[0]!.reason]).toEqual([5, { kind: 'corrupted' }])
  })
})
