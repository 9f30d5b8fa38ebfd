import { expect, it } from 'vitest'
import { rulesOf, type RuleRow } from './asked.svelte.ts'

const row = (change: Partial<RuleRow>): RuleRow => ({
  column: 'age',
  notMissing: false,
  unique: false,
  min: '',
  max: '',
  values: '',
  ...change,
})
const written = (...rows: RuleRow[]) => JSON.parse(rulesOf(rows)!) as unknown

it('writes rules in the words of the command line, and nothing of what is left empty', () => {
  expect(rulesOf([])).toBeNull()
  expect(
    written(
      row({ min: '0', max: ' 120 ', notMissing: true }),
      row({ column: 'kind', values: 'a, b,,' }),
      row({ column: 'id', unique: true }),
      row({ column: 'note' }),
    ),
  ).toEqual({
    columns: {
      age: { min: 0, max: 120, notMissing: true },
      kind: { values: ['a', 'b'] },
      id: { unique: true },
      note: {},
    },
  })
})

it('joins rows of the same column', () => {
  expect(written(row({ min: '0' }), row({ column: 'id' }), row({ max: '9', unique: true }))).toEqual({
    columns: { age: { min: 0, max: 9, unique: true }, id: {} },
  })
})

it('leaves what is no number for the reader of rules to refuse by name', () => {
  expect(written(row({ min: 'ten' }))).toEqual({ columns: { age: { min: 'ten' } } })
})
