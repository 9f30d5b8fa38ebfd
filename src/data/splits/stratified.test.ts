import fc from 'fast-check'
import { expect, it } from 'vitest'
import { dealingSplit, itemsToSplit, placesOf } from '../../../tests/helpers/itemsToSplit.ts'

const split = dealingSplit('stratified')
const deal = (items: Parameters<typeof split.deal>[0], fraction: number, seed = 1) =>
  split.deal(items, { fraction, ranges: 10 }, seed)

it('keeps of each class its share, within one item', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(4), { minLength: 10, maxLength: 300 }),
      fc.double({ min: 0.05, max: 0.5, noNaN: true }),
      fc.nat(),
      (labels, fraction, seed) => {
        const { sides } = deal(itemsToSplit(labels.length, { labels }), fraction, seed)
        for (const label of new Set(labels)) {
          const own = labels.flatMap((other, place) => (other === label ? [place] : []))
          const kept = own.filter((place) => sides[place] === 'validation').length
          // Of a set so small that nothing would be held out, one item is.
          expect(Math.abs(kept - own.length * fraction)).toBeLessThanOrEqual(1 + 1e-9)
        }
      },
    ),
    { numRuns: 300, seed: 3 },
  )
})

it('never keeps the only item of a class, and leaves none of its share to others', () => {
  const labels = [...Array.from({ length: 50 }, (_, i) => i), ...new Array<number>(50).fill(99)]
  const { sides } = deal(itemsToSplit(100, { labels }), 0.2)
  const kept = placesOf(sides, 'validation')
  expect(kept.every((place) => place >= 50)).toBe(true)
  expect(kept.length).toBeGreaterThanOrEqual(10)
  expect(kept.length).toBeLessThanOrEqual(11)
})

it('keeps the same share of each tenth of a number, whatever its scale', () => {
  // Of a heavy tail: what random items would easily miss.
  const numbers = Array.from({ length: 200 }, (_, i) => Math.exp(((i * 73) % 200) / 10))
  const { sides } = deal(itemsToSplit(200, { numbers }), 0.2)
  const byNumber = numbers.map((value, place) => ({ value, place })).sort((a, b) => a.value - b.value)
  for (let tenth = 0; tenth < 10; tenth++) {
    const own = byNumber.slice(20 * tenth, 20 * tenth + 20)
    expect(own.filter(({ place }) => sides[place] === 'validation')).toHaveLength(4)
  }
})

it('draws by the seed', () => {
  const items = itemsToSplit(200, { labels: Array.from({ length: 200 }, (_, i) => i % 4) })
  expect(deal(items, 0.2, 1)).toEqual(deal(items, 0.2, 1))
  expect(deal(items, 0.2, 1).sides).not.toEqual(deal(items, 0.2, 2).sides)
})

it('keeps items of one content together, and says how many', () => {
  const contents = Array.from({ length: 40 }, (_, i) => `content ${i < 10 ? i % 3 : i}`)
  const { sides, notices } = deal(itemsToSplit(40, { labels: contents.map((_, i) => i % 2), contents }), 0.25)
  for (let content = 0; content < 3; content++)
    expect(new Set(sides.filter((_, i) => i < 10 && i % 3 === content)).size).toBe(1)
  expect(notices).toEqual([
    '10 items hold only 3 contents between them: those that hold the same were kept on one side.',
  ])
})

it('fits items with classes or numbers alone, and says what else to choose', () => {
  expect(split.fits(itemsToSplit(9, { labels: new Array<number>(9).fill(0) }))).toBe(true)
  expect(split.fits(itemsToSplit(9, { numbers: new Array<number>(9).fill(0) }))).toBe(true)
  expect(split.fits(itemsToSplit(9))).toBe(false)
  expect(() => deal(itemsToSplit(9), 0.2)).toThrow(
    expect.objectContaining({
      code: 'split-kind',
      remedy: expect.stringContaining('Random items') as string,
    }),
  )
})
