import { expect, it } from 'vitest'
import type { StepReason, StepReport } from './steps.ts'
import { reasonWords, reportLines, reuseWords } from './stepWords.ts'

const report = (change: Partial<StepReport>): StepReport => ({
  step: 'text/tokens',
  title: 'Tokens',
  key: 'k',
  outcome: 'computed',
  reason: { kind: 'never' },
  seconds: 0.5,
  costSeconds: 0.5,
  sizeBytes: 10,
  unkept: null,
  ...change,
})
const changed = (...changes: Extract<StepReason, { kind: 'changed' }>['changes']) =>
  reasonWords(report({ reason: { kind: 'changed', changes } }))

it('says what changed, from what to what', () => {
  expect(changed({ of: 'setting', name: 'split.fraction', before: 0.1, now: 0.25 })).toBe(
    'split fraction 0.1 → 0.25',
  )
  expect(
    changed(
      { of: 'setting', name: 'tokenizer.maxVocabSize', before: 4096, now: 512 },
      { of: 'seed', name: 'seed', before: 1, now: 2 },
    ),
  ).toBe('tokenizer max vocab size 4096 → 512; seed 1 → 2')
  expect(changed({ of: 'setting', name: 'transforms.0.kind', now: 'nfc' })).toBe(
    'transforms 0 kind is new: nfc',
  )
  expect(changed({ of: 'setting', name: 'a', before: 1 })).toBe('a is gone')
  expect(changed({ of: 'input', name: 'content' })).toBe('other data')
  expect(changed({ of: 'input', name: 'tokenizer' })).toBe('other tokenizer')
  expect(changed({ of: 'code', name: 'tokenizer words', before: 1, now: 2 })).toBe(
    'tokenizer words has new code',
  )
  expect(changed({ of: 'setting', name: 'a', before: 'x'.repeat(99), now: '' })).toHaveLength(2 + 41 + 3)
})

it('says what became of an entry, and that one could not be kept', () => {
  expect(reasonWords(report({ reason: { kind: 'corrupted' } }))).toBe(
    'what was stored is damaged; it was deleted',
  )
  expect(reasonWords(report({ unkept: 'disk-full' }))).toBe('not made before. Not kept: the disk is full')
  expect(reasonWords(report({ outcome: 'reused', reason: null }))).toBe('found stored')
})

it('counts what was saved beyond what reading took', () => {
  const reports = [
    report({ outcome: 'spared', reason: null, seconds: 0, costSeconds: 2 }),
    report({ outcome: 'reused', reason: null, seconds: 0.25, costSeconds: 1 }),
    report({}),
  ]
  expect(reuseWords(reports)).toBe('2 of 3 steps reused, 2.8 s saved')
  expect(reportLines(reports)).toEqual([
    'Data: 2 of 3 steps reused, 2.8 s saved',
    '  Tokens: computed in 0.50 s (not made before)',
  ])
  expect(reuseWords([report({})])).toBe('0 of 1 step reused')
})
