import { expect, it } from 'vitest'
import { Generator } from '../../core/rng.ts'
import { neighbourDistances } from './neighbourDistances.ts'
import { checks } from './checks.ts'
import { readDoctorSet } from './doctorSet.ts'
import { writeTable } from '../table/writeTable.ts'

const generator = new Generator(9, 'neighbours')

it('are those of a slow loop where nothing is sampled or projected', () => {
  const [rows, width] = [40, 3]
  const data = generator.normals(rows * width)
  const { mean, relative } = neighbourDistances({ rows, width, data }, { seed: 1 })
  const nearest: number[][] = []
  for (let row = 0; row < rows; row++) {
    const to = (other: number) =>
      Math.hypot(...[0, 1, 2].map((i) => data[row * width + i]! - data[other * width + i]!))
    const own = Array.from(Array(rows).keys())
      .sort((a, b) => to(a) - to(b))
      .slice(1, 6)
    nearest.push(own)
    expect(mean[row]).toBeCloseTo(own.reduce((sum, other) => sum + to(other), 0) / 5, 6)
  }
  nearest.forEach((own, row) => {
    const usual = own.reduce((sum, other) => sum + mean[other]!, 0) / 5
    expect(relative[row]).toBeCloseTo(mean[row]! / usual, 6)
  })
})

it('stay the same, nearly, where long rows are projected', () => {
  const [rows, width] = [60, 400]
  const data = generator.normals(rows * width, 7)
  data.subarray(0, width).fill(5)
  const { mean } = neighbourDistances({ rows, width, data }, { seed: 1 })
  // √(400 · (25 + 1)) for the first, √(400 · 2) for the others.
  expect(mean[0]! / Math.sqrt(width * 26)).toBeGreaterThan(0.8)
  expect(mean[0]! / Math.sqrt(width * 26)).toBeLessThan(1.2)
  expect(Math.max(...mean.subarray(1))).toBeLessThan(mean[0]! / 2)
})

it('find the row whose numbers are usual one by one and not together', () => {
  const numbers = generator.normals(400, 11)
  const cells = Array.from({ length: 200 }, (_, i) => {
    const x = 2 * numbers[2 * i]!
    return [x, x + 0.05 * numbers[2 * i + 1]!].map((value) => value.toFixed(4))
  })
  cells[17] = ['3', '-3']
  const bytes = new TextEncoder().encode(writeTable([['x', 'y'], ...cells]))
  const set = readDoctorSet('table', bytes, { name: 'pairs', labels: null })
  expect(
    checks
      .get('neighbour-outliers')
      .run(set, { seed: 0 })
      .map(({ items }) => items),
  ).toEqual([[17]])
  expect(checks.get('numeric-outliers').run(set, { seed: 0 })).toEqual([])
})
