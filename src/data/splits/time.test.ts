import fc from 'fast-check'
import { expect, it } from 'vitest'
import { dealingSplit, itemsToSplit, placesOf } from '../../../tests/helpers/itemsToSplit.ts'

const split = dealingSplit('time')
const deal = (when: readonly string[], fraction: number, contents?: readonly string[]) =>
  split.deal(
    itemsToSplit(when.length, { columns: { when }, ...(contents && { contents }) }),
    { fraction, column: 'when' },
    0,
  )

it('holds out nothing that came before what is trained on, and parts no moment', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 20, maxLength: 200 }),
      fc.double({ min: 0.05, max: 0.5, noNaN: true }),
      (times, fraction) => {
        fc.pre(new Set(times).size > 1)
        const { sides } = deal(times.map(String), fraction)
        const at = (side: 'train' | 'validation') => placesOf(sides, side).map((place) => times[place]!)
        expect(Math.max(...at('train'))).toBeLessThan(Math.min(...at('validation')))
        const most = Math.max(...times.map((time) => times.filter((other) => other === time).length))
        expect(Math.abs(at('validation').length - times.length * fraction)).toBeLessThanOrEqual(most + 1)
      },
    ),
    { numRuns: 300, seed: 2 },
  )
})

it('reads dates with and without a time of day, and zones', () => {
  const when = [
    '2024-03-01',
    '2023-12-31',
    '2024-02-29 23:00',
    '2024-03-01T00:30:00+02:00',
    '2024-03-01T01:00Z',
  ]
  // The fourth is 22:30 on the day before.
  expect(placesOf(deal(when, 0.4).sides, 'validation')).toEqual([0, 4])
})

it('orders whole numbers as numbers', () => {
  expect(placesOf(deal(['9', '10', '100', '1e1'], 0.25).sides, 'validation')).toEqual([2])
})

it('leaves out what has no time, and what is trained on no copies of the future', () => {
  const { sides, notices } = deal(['1', '2', '', '3', '4', '5'], 0.4, ['a', 'b', 'd', 'd', 'b', 'e'])
  expect(sides).toEqual(['train', 'neither', 'neither', 'train', 'validation', 'validation'])
  expect(notices).toEqual([
    '1 item is left out, having no “when”.',
    '1 item is not trained on, since it holds the same as others that are held out.',
  ])
})

it('refuses what is no time, one moment, and a training part that only copies', () => {
  expect(() => deal(['2024-01-01', '2024-02-30'], 0.5)).toThrow(
    /such as 2024-12-31 in each row, got "2024-02-30" in row 2/,
  )
  expect(() => deal(['2024-01-01', '2024'], 0.5)).toThrow(expect.objectContaining({ code: 'split-column' }))
  expect(() => deal(['1', 'soon'], 0.5)).toThrow(/got "soon" in row 2/)
  expect(() => deal(['7', '7', '7'], 0.5)).toThrow(/at least 2 different times, got 3 times the same/)
  expect(() => deal(['1', '2'], 0.5, ['a', 'a'])).toThrow(
    expect.objectContaining({ code: 'split-inseparable' }),
  )
})

it('finds dates under any name, and numbers under the names of times', () => {
  const fits = (columns: Record<string, string[]>) => split.fits(itemsToSplit(2, { columns }))
  expect(fits({ x: ['2024-01-01', '2024-01-02'] })).toBe(true)
  expect(fits({ year: ['2007', '2009'] })).toBe(true)
  expect(fits({ created_at: ['1700000000', '1700000001'] })).toBe(true)
  expect(fits({ size: ['1', '2'] })).toBe(false)
  expect(fits({ year: ['2007', '2007'] })).toBe(false)
})
