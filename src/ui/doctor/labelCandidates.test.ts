import { expect, it } from 'vitest'
import { labelCandidates } from './labelCandidates.ts'

const column = (name: string, distinct: number, type: 'category' | 'text' | 'number' = 'category') => ({
  ...{ name, distinct, type, missing: 0 },
  ...{ spread: null, lengths: null, values: [] },
})

it('offers columns of two values or more that come back, and no texts', () => {
  const columns = [
    column('one', 1),
    column('pet', 2),
    column('grade', 50, 'number'),
    column('id', 51, 'number'),
    column('note', 40, 'text'),
  ]
  const table = { kind: 'table' as const, rows: 100, skipped: 0, columns, preview: [] }
  expect(labelCandidates(table)).toEqual(['pet', 'grade'])
})
