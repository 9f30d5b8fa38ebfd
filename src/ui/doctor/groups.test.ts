import { expect, it } from 'vitest'
import type { Finding, Fix, Severity } from '../../core/finding.ts'
import { groupsOf, takeAllWords } from './groups.ts'

function finding(fix: Fix, change: Partial<Finding> = {}): Finding {
  const own = { check: 'a', severity: 'warning' as Severity, message: '', items: [], count: 0, values: {} }
  return { ...own, confidence: 1, fix, ...change }
}
const check = (id: string) => ({ id, title: id, findings: 1, headline: '', skipped: null })
const drop = (...items: number[]): Fix => ({ kind: 'drop', items })
const relabel = (item: number): Fix => ({ kind: 'relabel', item, to: 'x' })

it('puts the check with the worst finding first, and leaves out those without any', () => {
  const findings = [
    finding(drop(1), { check: 'a', severity: 'info' }),
    finding(drop(1), { check: 'b', severity: 'warning' }),
    finding(drop(1), { check: 'c', severity: 'warning' }),
    finding(drop(1), { check: 'c', severity: 'error' }),
  ]
  const groups = groupsOf({ checks: ['a', 'b', 'c', 'd'].map(check), findings })
  expect(groups.map((group) => [group.check.id, group.severity, group.findings.length])).toEqual([
    ['c', 'error', 2],
    ['b', 'warning', 1],
    ['a', 'info', 1],
  ])
})

it.each([
  [[relabel(1), relabel(2)], 0, 'Take all 2 suggested labels'],
  [[relabel(1)], 0, 'Take the suggested label'],
  [[relabel(1), drop(2)], 0, 'Take all 2 suggestions'],
  [[drop(2), drop(4)], 2, 'Drop all but the first of each'],
  [[drop(2, 4, 5)], 4, 'Drop all but the first'],
  [[drop(2, 4), drop(4, 5)], 2, 'Drop all 3'],
  [[drop(3)], 1, 'Drop it'],
  [[{ kind: 'keep' }, { kind: 'drop-column', column: 'c' }], 0, null],
] as [Fix[], number, string | null][])('words what is done with all: %j', (fixes, count, words) => {
  expect(takeAllWords(fixes.map((fix) => finding(fix, { count })))).toBe(words)
})
