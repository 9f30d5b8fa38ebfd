import { describe, expect, it } from 'vitest'
import { countingStep, nodeOf } from '../../../tests/helpers/countingStep.ts'
import { createMemoryStepStore } from './memoryStepStore.ts'
import { sourceNode, stepNode } from './stepNode.ts'
import { StepRunner } from './stepRunner.ts'

describe('the key of a step', () => {
  const { kind } = countingStep('a')
  const keyOf = (config: unknown) => nodeOf(kind, config).key

  it('is the same for equal settings, however they are written down', () => {
    expect(keyOf({ a: 1, b: { c: [1, 2], d: null } })).toBe(keyOf({ b: { d: null, c: [1, 2] }, a: 1 }))
    expect(keyOf({ a: 1, b: undefined })).toBe(keyOf({ a: 1 }))
    expect(keyOf({ a: 0 })).toBe(keyOf({ a: -0 }))
  })

  it('differs wherever settings do', () => {
    const composed = 'é'
    const configs: unknown[] = [
      null,
      true,
      false,
      0,
      1,
      '',
      '0',
      '1',
      'null',
      'true',
      '[]',
      '{}',
      [],
      [[]],
      [null],
      {},
      { '': '' },
      [0],
      ['0'],
      '[0]',
      [1, 2],
      ['1', '2'],
      ['1,2'],
      '1,2',
      [[1], 2],
      [1, [2]],
      { a: 1 },
      { a: '1' },
      { a: [1] },
      { 'a:1': 1 },
      { a: { b: 1 } },
      { 'a.b': 1 },
      [{ a: 1 }, { b: 1 }],
      [{ a: 1, b: 1 }],
      { a: null },
      { 0: 1 },
      composed,
      composed.normalize('NFD'),
      '\ud800',
      '\\ud800',
      '\ufffd',
      'a\u0000',
      'a',
      '\u0000a',
      1e21,
      '1e21',
      0.1,
      0.1 + Number.EPSILON / 8 + 2e-17,
      1e-7,
      'ﬁ',
      'fi',
      JSON.parse('{"__proto__": 1}'),
      { a: 'b","c":"d' },
      { a: 'b', c: 'd' },
    ]
    expect(new Set(configs.map(keyOf)).size).toBe(configs.length)
  })

  it('is not made of what is no plain data', () => {
    const bad = [
      NaN,
      Infinity,
      undefined,
      [undefined],
      new Array<number>(2),
      () => 1,
      Symbol('a'),
      1n,
      new Date(0),
      new Map(),
      new Uint8Array(1),
      { a: { b: NaN } },
      { [Symbol('a')]: 1 },
      /a/,
      new (class A {})(),
    ]
    for (const config of bad)
      expect(() => keyOf(config), String(config as string)).toThrow(
        expect.objectContaining({ code: 'step-config' }),
      )
  })

  it('hangs on name, versions, seed and the names and keys of inputs', () => {
    const source = sourceNode('a', null)
    const keys = [
      nodeOf(kind, 1),
      nodeOf(countingStep('b').kind, 1),
      nodeOf({ ...kind, version: 2 }, 1),
      stepNode(kind, { config: 1, inputs: {}, parts: { words: 1 } }),
      stepNode(kind, { config: 1, inputs: {}, parts: { words: 2 } }),
      nodeOf(kind, 1, {}, 0),
      nodeOf(kind, 1, {}, 1),
      nodeOf(kind, 1, { x: source }),
      nodeOf(kind, 1, { y: source }),
      nodeOf(kind, 1, { x: sourceNode('b', null) }),
      nodeOf(kind, 1, { x: source, y: source }),
    ].map(({ key }) => key)
    expect(new Set([...keys, source.key]).size).toBe(keys.length + 1)
  })

  it('lets a step see nothing that it does not hold', async () => {
    const { value } = await new StepRunner(createMemoryStepStore()).run(nodeOf(kind, { a: -0, b: undefined }))
    const { config } = value as { config: object }
    expect([Object.keys(config), Object.is((config as { a: number }).a, 0)]).toEqual([['a'], true])
  })
})
