import { expect, it } from 'vitest'
import { shownRows } from './shownRows.ts'

const count = 400
const textIds = Int32Array.from({ length: count }, (_, i) => Math.floor(i / 2))
const places = Int32Array.from({ length: count }, (_, i) => 1000 + i)
const drawing = { seed: 3, step: 5, firstRow: 0 }

it('shows half of the items with a text that is another', () => {
  const rows = shownRows(textIds, places, drawing)
  const others = [...rows].filter((shown, row) => shown !== row)
  // Four standard deviations about the half.
  expect(Math.abs(others.length - count / 2)).toBeLessThan(4 * Math.sqrt(count / 4))
  rows.forEach((shown, row) => expect(shown === row || textIds[shown] !== textIds[row]).toBe(true))
  expect(new Set(others).size).toBeGreaterThan(100)
})

it('depends on seed, step and row, and in a validation on the items alone', () => {
  const first = shownRows(textIds, places, drawing)
  expect(shownRows(textIds, places, drawing)).toEqual(first)
  for (const change of [{ seed: 4 }, { step: 6 }, { firstRow: count }])
    expect(shownRows(textIds, places, { ...drawing, ...change })).not.toEqual(first)
  expect(shownRows(textIds, places, null)).toEqual(shownRows(textIds, places, null))
})

it('keeps texts that are all equal, and a single one', () => {
  const rows = Int32Array.from({ length: 8 }, (_, row) => row)
  expect(shownRows(new Int32Array(8), rows, drawing)).toEqual(rows)
  expect([...shownRows(Int32Array.of(4), Int32Array.of(0), drawing)]).toEqual([0])
})
