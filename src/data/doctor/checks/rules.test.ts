import { expect, it } from 'vitest'
import { writeTable } from '../../table/writeTable.ts'
import { readDoctorSet } from '../doctorSet.ts'
import { parseRules } from '../rules.ts'
import rules from './rules.ts'

const columns = ['id', 'age', 'kind']
const rows = [
  ['1', '30', 'a'],
  ['2', '-1', 'b'],
  ['2', '', 'c'],
  ['4', 'old', 'a'],
  ['5', '121', ''],
]
const set = readDoctorSet('table', new TextEncoder().encode(writeTable([columns, ...rows])), {
  name: 'people',
  labels: null,
})
const broken = (columnRules: object) =>
  rules.run(set, { seed: 0, rules: parseRules(JSON.stringify({ columns: columnRules })) })

it('looks only where there are rules', () => {
  expect(rules.skipped(set, { rules: null })).toBe('No rules were given.')
  expect(rules.skipped(set, {})).toBe('No rules were given.')
  expect(rules.skipped(set, { rules: [] })).toBeNull()
})

it.each([
  ['bounds', { age: { min: 0, max: 120 } }, [[1, 3, 4]]],
  ['one bound', { age: { min: 0 } }, [[1, 3]]],
  [
    'values, given as texts or numbers',
    { kind: { values: ['a', ' b '] }, id: { values: [1, 2, 4, 5] } },
    [[2]],
  ],
  ['what is missing', { age: { notMissing: true }, kind: { notMissing: true } }, [[2], [4]]],
  ['what comes again', { id: { unique: true } }, [[2]]],
  ['nothing', { age: { max: 200, min: -5, notMissing: false }, gone: { required: false } }, [[3]]],
])('finds what breaks rules of %s', (_what, columnRules, items) => {
  const findings = broken(columnRules)
  expect(findings.map((finding) => finding.items)).toEqual(items)
  expect(findings.map(({ fix }) => fix)).toEqual(items.map((own) => ({ kind: 'drop', items: own })))
})

it('misses a column that must be there, and guesses which was meant', () => {
  const [finding] = broken({ ages: {} })
  expect(finding!.message).toBe('There is no column "ages", which must be there. Is it "age"?')
  expect(finding).toMatchObject({ items: [], fix: { kind: 'keep' } })
})

it.each([
  ['{', /must be JSON/],
  ['[]', /must be an object, got a list of 0/],
  ['{"columns": {}}', /at least one column/],
  ['{"columns": {"a": 1}}', /columns."a": must be an object, got 1/],
  ['{"colums": {}}', /there is no "colums" beside "columns"/],
  ['{"columns": {"a": {"mim": 1}}}', /columns."a": there is no rule "mim"/],
  ['{"columns": {"a": {"min": "1"}}}', /columns."a".min: must be a number, got "1"/],
  ['{"columns": {"a": {"min": 2, "max": 1}}}', /min must not be over max, got 2 and 1/],
  ['{"columns": {"a": {"unique": 1}}}', /unique: must be true or false, got 1/],
  ['{"columns": {"a": {"values": []}}}', /values: must be a list of at least one value/],
  ['{"columns": {"a": {"values": ["x", {}]}}}', /values\[1\]: must be a text or a number, got an object/],
  ['{"columns": {"__proto__": {"max": []}}}', /columns."__proto__".max: must be a number, got a list of 0/],
])('refuses %s', (text, message) => {
  expect(() => parseRules(text)).toThrow(message)
  expect(() => parseRules(text)).toThrow(
    expect.objectContaining({ code: 'rules', remedy: expect.stringMatching(/\w/) as string }),
  )
})
