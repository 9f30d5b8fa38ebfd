import { describe, expect, it } from 'vitest'
import { fakeCatalog } from '../../../tests/helpers/fakeCatalog.ts'
import { fakeRecord } from '../../../tests/helpers/fakeRuns.ts'
import { createRunSchema, defaultRunConfig } from '../../core/runConfig.ts'
import { filterRuns, sortRuns } from './rows.ts'

const config = defaultRunConfig(createRunSchema(fakeCatalog))
const baseline = fakeRecord('a', 'Baseline', config, 'done', 3000, 0)
const wider = fakeRecord('b', 'wider, 192', config, 'stopped', 1800, 1)
const failed = { ...fakeRecord('c', 'Deeper (8 layers)', config, 'failed', 812, 2), best: null }
const runs = [baseline, wider, failed]
const ids = (list: readonly { id: string }[]) => list.map(({ id }) => id).join('')

describe('sortRuns', () => {
  it('sorts by name without regard to case', () => {
    expect(ids(sortRuns(runs, { key: 'name', isDescending: false }))).toBe('acb')
  })
  it('keeps runs without a best value last in both directions', () => {
    expect(ids(sortRuns(runs, { key: 'best', isDescending: false }))).toBe('abc')
    expect(ids(sortRuns(runs, { key: 'best', isDescending: true }))).toBe('bac')
  })
  it('puts the newest first among equals', () => {
    expect(ids(sortRuns(runs, { key: 'device', isDescending: false }))).toBe('abc')
  })
  it('leaves its input alone', () => {
    sortRuns(runs, { key: 'step', isDescending: false })
    expect(ids(runs)).toBe('abc')
  })
})

describe('filterRuns', () => {
  it('finds text in name, tags, note and state, without regard to case', () => {
    expect(ids(filterRuns(runs, 'WIDER'))).toBe('b')
    expect(ids(filterRuns(runs, 'baseline'))).toBe('a')
    expect(ids(filterRuns(runs, 'learning rate'))).toBe('b')
    expect(ids(filterRuns(runs, 'failed'))).toBe('c')
  })
  it('takes regular expressions', () => {
    expect(ids(filterRuns(runs, '^(wider|deeper)'))).toBe('bc')
  })
  it('takes what is no regular expression as plain text', () => {
    expect(ids(filterRuns(runs, 'deeper (8'))).toBe('c')
    expect(filterRuns(runs, '[')).toEqual([])
  })
  it('gives all for no filter', () => {
    expect(ids(filterRuns(runs, '  '))).toBe('abc')
  })
})
