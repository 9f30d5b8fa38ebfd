import { expect, it } from 'vitest'
import { Generator } from '../../../core/rng.ts'
import { writeTable } from '../../table/writeTable.ts'
import { readDoctorSet } from '../doctorSet.ts'
import { compareSets } from './compareSets.ts'
import { driftLines } from './driftLines.ts'
import { binomialTail } from './twoSample.ts'

const generator = new Generator(3, 'drift')

/** Rows of a number, a product of two signs that each column hides alone, a category and a note. */
function tableOf(name: string, from: number, { shift = 0, isTwisted = false, rows = 300 } = {}) {
  const numbers = generator.normals(3 * rows, from)
  const cells = Array.from({ length: rows }, (_, i) => {
    const [x, y, z] = [numbers[3 * i]!, numbers[3 * i + 1]!, numbers[3 * i + 2]!]
    const twisted = isTwisted ? Math.sign(x) * Math.abs(y) : y
    return [x, twisted, z + shift].map((value) => value.toFixed(4)).concat(z + shift > 0.3 ? 'high' : 'low')
  })
  const bytes = new TextEncoder().encode(writeTable([['x', 'y', 'z', 'level'], ...cells]))
  return readDoctorSet('table', bytes, { name, labels: null })
}

it('finds nothing between two samples of the same', () => {
  const drift = compareSets(tableOf('a', 1), tableOf('b', 2), { seed: 0 })
  expect(drift.columns.map(({ verdict }) => verdict)).toEqual(['none', 'none', 'none', 'none'])
  expect(drift.twoSample!.pValue).toBeGreaterThan(0.01)
})

it('names the columns that moved', () => {
  const drift = compareSets(tableOf('a', 1), tableOf('b', 3, { shift: 1 }), { seed: 0 })
  expect(drift.columns.map(({ name, verdict }) => [name, verdict])).toEqual([
    ['x', 'none'],
    ['y', 'none'],
    ['z', 'much'],
    ['level', 'much'],
  ])
  expect(drift.columns[2]!.wasserstein).toBeCloseTo(1, 0)
  expect(driftLines(drift).join('\n')).toMatch(/2 of 4 columns differ: z, level/)
})

it('finds by a model what no column shows alone', () => {
  const rows = 800
  const drift = compareSets(tableOf('a', 1, { rows }), tableOf('b', 4, { isTwisted: true, rows }), {
    seed: 0,
  })
  expect(drift.columns.map(({ verdict }) => verdict)).not.toContain('much')
  expect(drift.twoSample!.accuracy).toBeGreaterThan(0.6)
  expect(drift.twoSample!.pValue).toBeLessThan(1e-4)
})

it('says what is missing, and what only one has', () => {
  const rows = (gaps: boolean) =>
    Array.from({ length: 40 }, (_, i) => [String(i % 7), gaps && i % 2 ? '' : 'v'])
  const read = (columns: string[], gaps: boolean) =>
    readDoctorSet('table', new TextEncoder().encode(writeTable([columns, ...rows(gaps)])), {
      name: columns.join(),
      labels: null,
    })
  const drift = compareSets(read(['n', 'c'], false), read(['n', 'd'], true), { seed: 0 })
  expect(drift.notCompared).toEqual(['c', 'd'])
  const [, c] = compareSets(read(['n', 'c'], false), read(['n', 'c'], true), { seed: 0 }).columns
  expect(c).toMatchObject({ missing: [0, 0.5], verdict: 'much' })
})

it('refuses sets of different kinds with a remedy', () => {
  const text = readDoctorSet('text', new TextEncoder().encode('a\n\nb'), { name: 'notes', labels: null })
  expect(() => compareSets(tableOf('a', 1), text, { seed: 0 })).toThrow(/a is a table and notes is a text/)
})

it('counts tails of a coin as scipy does', () => {
  // scipy 1.17.1: binom.sf(59, 100, 0.5), binom.sf(1049, 2000, 0.5)
  expect(binomialTail(60, 100)).toBeCloseTo(0.028443966820490444, 13)
  expect(binomialTail(1050, 2000)).toBeCloseTo(0.013412073120140273, 11)
  expect(binomialTail(0, 5)).toBeCloseTo(1, 14)
})
