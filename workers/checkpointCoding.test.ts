import { expect, it } from 'vitest'
import type { Coding } from '../src/core/prepared.ts'
import type { JsonValue } from '../src/storage/checkpoint.ts'
import { codingOf, codingToJson } from './checkpointCoding.ts'

const coding: Coding = {
  facts: { numFeatures: 0, classes: ['a', 'b'], classCounts: [3, 0], textTokens: 12, targetTokens: 9 },
  tokenizer: null,
  table: { inputs: [], target: { name: 'de', kind: 'text' } },
}
const read = (change: object = {}) => {
  const json = { ...(codingToJson(coding) as object), ...change } as JsonValue
  return codingOf({ coding: json, tokenizer: null })
}

it('of a table of texts comes back as it was', () => {
  expect(read()).toEqual(coding)
})

it('of several labels a row comes back as it was', () => {
  const { facts, table } = {
    facts: { numFeatures: 2, classes: [], labels: ['a', 'b'], labelShares: [0.5, 0] },
    table: { inputs: [], target: { name: 'tags', kind: 'labels', values: ['a', 'b'] } as const },
  }
  expect(read(codingToJson({ facts, tokenizer: null, table }) as object)).toEqual({
    facts,
    tokenizer: null,
    table,
  })
})

it.each([
  ['facts.labels', { facts: { labels: [1] } }],
  ['facts.labelShares', { facts: { labels: ['a'], labelShares: 'all' } }],
  ['facts.targetTokens', { facts: { targetTokens: -1 } }],
  ['facts.textTokens', { facts: { textTokens: 'many' } }],
  ['facts.classCounts', { facts: { classes: ['a', 'b'], classCounts: [3, -1] } }],
  ['facts.numFeatures', { facts: { numFeatures: 0.5 } }],
  ['table column', { table: { inputs: [], target: { name: 'de', kind: 'film' } } }],
])('is refused where %s is unsound', (field, change) => {
  expect(() => read(change)).toThrow(
    expect.objectContaining({ code: 'checkpoint-invalid', details: { field } }),
  )
})
