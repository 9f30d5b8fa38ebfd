import { expect, it } from 'vitest'
import { revisionOf, suggestedDecisions } from './decisions.ts'
import type { Finding, Fix } from './finding.ts'

const finding = (fix: Fix): Finding => ({
  check: 'any',
  severity: 'warning',
  message: '',
  items: [],
  count: 0,
  values: {},
  fix,
  confidence: 1,
})

it('drops what one finding would drop, whatever another would do with it, in either order', () => {
  const drop = finding({ kind: 'drop', items: [3, 5] })
  const relabel = [3, 4].map((item) => finding({ kind: 'relabel', item, to: 'b' }))
  for (const findings of [
    [drop, ...relabel],
    [...relabel, drop],
  ]) {
    const decisions = suggestedDecisions(findings)
    expect([...decisions].sort(([a], [b]) => a - b)).toEqual([
      [3, { kind: 'drop' }],
      [4, { kind: 'relabel', to: 'b' }],
      [5, { kind: 'drop' }],
    ])
  }
})

it('takes the first of two labels, and nothing from what is to be kept or about a column', () => {
  const decisions = suggestedDecisions([
    finding({ kind: 'relabel', item: 1, to: 'a' }),
    finding({ kind: 'relabel', item: 1, to: 'b' }),
    finding({ kind: 'keep' }),
    finding({ kind: 'drop-column', column: 'x' }),
  ])
  expect([...decisions]).toEqual([[1, { kind: 'relabel', to: 'a' }]])
})

it('makes a revision in the order of the items, which names the column only where a label is changed', () => {
  const decisions = new Map([
    [9, { kind: 'drop' } as const],
    [2, { kind: 'relabel', to: 'x' } as const],
    [4, { kind: 'keep' } as const],
    [1, { kind: 'drop' } as const],
  ])
  expect(revisionOf(decisions, 'kind')).toEqual({
    drop: [1, 9],
    relabel: [{ item: 2, label: 'x' }],
    labelColumn: 'kind',
  })
  expect(revisionOf(new Map([[1, { kind: 'drop' }]]), 'kind')).toEqual({ drop: [1], relabel: [] })
})
