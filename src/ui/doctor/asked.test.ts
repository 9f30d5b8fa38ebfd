import { describe, expect, it } from 'vitest'
import { Asked, rulesOf, type RuleRow } from './asked.svelte.ts'

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

describe('what is kept', () => {
  const kept = { labels: 'kind', rows: [row({ min: '1' })] }

  it('is taken once, and only changes are handed on', async () => {
    const asked = new Asked()
    const written: unknown[] = []
    const keep = () => asked.keep(async (value) => void written.push(value))
    asked.add('early')
    await keep()
    expect(written).toEqual([]) // nothing is written over what was not read yet
    await asked.read(async () => kept, 'set', null)
    await asked.read(async () => ({ labels: 'other', rows: [] }), 'set', null)
    await keep()
    expect([asked.labels, written]).toEqual(['kind', []])
    asked.rows[0]!.max = '7'
    asked.add('name')
    await keep()
    await keep()
    expect(written).toEqual([
      { labels: 'kind', rows: [row({ min: '1', max: '7' }), row({ column: 'name' })] },
    ])
  })

  it('of the version before is kept with the next one, until that has its own', async () => {
    const stored = new Map<string, unknown>([['first', kept]])
    const read = async () => {
      const asked = new Asked()
      await asked.read(async (sha256) => stored.get(sha256), 'second', 'first')
      await asked.keep(async (value) => void stored.set('second', value))
      return asked
    }
    expect((await read()).labels).toBe('kind')
    expect(stored.get('second')).toEqual(kept)
    stored.set('second', { labels: '', rows: [] })
    expect((await read()).labels).toBe('')
  })

  it('counts as nothing where it is of another form', async () => {
    for (const damaged of [
      null,
      'text',
      [],
      { labels: 1, rows: [] },
      { labels: '', rows: [{ column: 'x' }] },
    ]) {
      const asked = new Asked()
      await asked.read(async () => damaged, 'set', null)
      expect([asked.isRead, asked.labels, asked.rows.length]).toEqual([true, '', 0])
    }
  })
})
