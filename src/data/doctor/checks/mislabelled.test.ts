import { expect, it } from 'vitest'
import { Generator } from '../../../core/rng.ts'
import { writeTable } from '../../table/writeTable.ts'
import { readDoctorSet } from '../doctorSet.ts'
import mislabelled from './mislabelled.ts'

/** Three clouds of points in a plane; `flipped` gives rows the label of the next cloud. */
function clouds(count: number, flipped: ReadonlySet<number>) {
  const normals = new Generator(3, 'clouds').normals(2 * count)
  const rows = Array.from({ length: count }, (_, i) => {
    const cloud = i % 3
    const angle = (2 * Math.PI * cloud) / 3
    const label = flipped.has(i) ? (cloud + 1) % 3 : cloud
    return [
      String(4 * Math.cos(angle) + normals[2 * i]!),
      String(4 * Math.sin(angle) + normals[2 * i + 1]!),
      'abc'[label]!,
    ]
  })
  const text = writeTable([['x', 'y', 'label'], ...rows])
  return readDoctorSet('table', new TextEncoder().encode(text), { name: 'clouds', labels: null })
}

const options = { seed: 0 }

it('finds planted flips, says what they are, and hardly anything else', () => {
  const flipped = new Set(Array.from({ length: 30 }, (_, i) => 10 * i))
  const findings = mislabelled.run(clouds(300, flipped), options)
  const found = findings.filter(({ items }) => flipped.has(items[0]!))
  expect(found.length).toBeGreaterThanOrEqual(26)
  expect(findings.length - found.length).toBeLessThanOrEqual(4)
  const { items, fix } = found[0]!
  expect(fix).toEqual({ kind: 'relabel', item: items[0], to: 'abc'[items[0]! % 3] })
})

it('hardly flags a clean set', () => {
  expect(mislabelled.run(clouds(300, new Set()), options).length).toBeLessThanOrEqual(3)
})

it('gives the same twice, and does not look without labels or with one example a class', () => {
  const set = clouds(120, new Set([5, 50]))
  expect(mislabelled.run(set, options)).toEqual(mislabelled.run(set, options))
  expect(mislabelled.skipped({ ...set, labels: null }, {})).toBe('The set has no labels.')
  const few = { ...set.labels!, values: set.labels!.values.map((label, i) => (i < 9 ? label : -1)) }
  expect(mislabelled.skipped({ ...set, labels: few }, {})).toMatch(/Fewer than two classes/)
})
