import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defaultsOf } from '../../core/schema.ts'
import { cutText } from '../cutText.ts'
import { DataError } from '../../core/errors.ts'
import { dealingSplit, itemsToSplit, placesOf } from '../../../tests/helpers/itemsToSplit.ts'
import type { CuttingSplit } from './defineSplit.ts'
import type { Side } from './parts/splitItems.ts'
import { splits } from './registry.ts'

const cutting = splits.all.filter((split) => split.of !== 'items')

describe.each(cutting)('the split $id', (split) => {
  it('keeps sorted stretches that do not overlap, and leaves something on both sides', () => {
    const params = { ...defaultsOf(split.fields), blockCharacters: 100 }
    fc.assert(
      fc.property(
        fc.integer({ min: 101, max: 100_000 }),
        fc.double({ min: 0.001, max: 0.5, noNaN: true }),
        fc.nat(),
        (length, fraction, seed) => {
          const kept = split.validation(length, { ...params, fraction }, seed)
          let before = -1
          for (const { start, end } of kept) {
            expect(start).toBeGreaterThanOrEqual(before)
            expect(end).toBeGreaterThan(start)
            before = end
          }
          expect(before).toBeLessThanOrEqual(length)
          const total = kept.reduce((sum, { start, end }) => sum + end - start, 0)
          expect(total).toBeGreaterThan(0)
          expect(total).toBeLessThan(length)
          expect(Math.abs(total - length * fraction)).toBeLessThanOrEqual(101)
        },
      ),
      { numRuns: 300, seed: 8 },
    )
  })

  it('refuses a text that is too short, with the numbers', () => {
    expect(() => split.validation(1, defaultsOf(split.fields), 0)).toThrow(/at least \d+ characters.*got 1/)
  })
})

const cuttingSplit = (id: string) => splits.get(id) as CuttingSplit

it('tail keeps the end', () => {
  expect(cuttingSplit('tail').validation(1000, { fraction: 0.1 }, 0)).toEqual([{ start: 900, end: 1000 }])
})

it('blocks draws by the seed, and from all over the text', () => {
  const draw = (seed: number) =>
    cuttingSplit('blocks').validation(100_000, { fraction: 0.1, blockCharacters: 1000 }, seed)
  expect(draw(1)).toEqual(draw(1))
  expect(draw(1)).not.toEqual(draw(2))
  expect(draw(1).length).toBeGreaterThan(5)
})

const dealing = splits.all.filter((split) => split.of === 'items')

describe.each(dealing)('the split $id', (split) => {
  const named = { ...defaultsOf(split.fields), ...('column' in split.fields && { column: 'by' }) }
  const cells = { given: ['train', 'val', 'test'], time: ['2', '10', '33'] }[split.id] ?? ['a', 'b', 'c', 'd']
  const drawn = fc.array(
    fc.record({ label: fc.nat(3), cell: fc.constantFrom(...cells), content: fc.nat(60) }),
    { minLength: 2, maxLength: 60 },
  )

  it('puts every item on one side, the same each time, and something on both; what is equal never on both', () => {
    let parted = 0
    fc.assert(
      fc.property(drawn, fc.nat(), (rows, seed) => {
        const contents = rows.map(({ content }) => String(content))
        const items = itemsToSplit(rows.length, {
          labels: rows.map(({ label }) => label),
          columns: { by: rows.map(({ cell }) => cell) },
          contents,
        })
        const deal = () => split.deal(items, named, seed)
        let sides: readonly Side[]
        try {
          sides = deal().sides
        } catch (error) {
          // Of a few items that hold the same, or are in one group, some cannot be parted.
          expect(error).toBeInstanceOf(DataError)
          expect((error as DataError).remedy).not.toBe('')
          return
        }
        parted++
        expect(sides).toHaveLength(rows.length)
        expect(deal().sides).toEqual(sides)
        const [train, validation] = [placesOf(sides, 'train'), placesOf(sides, 'validation')]
        expect(train.length).toBeGreaterThan(0)
        expect(validation.length).toBeGreaterThan(0)
        const trained = new Set(train.map((place) => contents[place]))
        expect(validation.filter((place) => trained.has(contents[place]))).toEqual([])
      }),
      { numRuns: 300, seed: 11 },
    )
    expect(parted).toBeGreaterThan(200)
  })

  it('refuses a single item, with a remedy', () => {
    const one = itemsToSplit(1, { labels: [0], columns: { by: [cells[0]!] } })
    expect(() => split.deal(one, named, 0)).toThrow(expect.objectContaining({ name: 'DataError' }))
  })
})

it('random-items keeps of each class its share, and never the only item of one', () => {
  const labels = Array.from({ length: 1001 }, (_, i) => (i === 1000 ? 200 : i % 200))
  const { sides } = dealingSplit('random-items').deal(itemsToSplit(1001, { labels }), { fraction: 0.3 }, 4)
  const kept = placesOf(sides, 'validation')
  const counts = new Map<number, number>()
  for (const place of kept) counts.set(labels[place]!, (counts.get(labels[place]!) ?? 0) + 1)
  // Of five items 1.5: one or two.
  for (let label = 0; label < 200; label++) expect([1, 2]).toContain(counts.get(label))
  expect(counts.has(200)).toBe(false)
  expect(kept).toHaveLength(300)
})

it('random-items cuts items that all differ as it did before there were other splits of items', () => {
  const labels = Array.from({ length: 40 }, (_, i) => i % 3)
  const { sides } = dealingSplit('random-items').deal(itemsToSplit(40, { labels }), { fraction: 0.2 }, 7)
  expect(placesOf(sides, 'validation')).toEqual([5, 15, 19, 24, 25, 28, 35, 38])
})

it('cutText deals out every character once, in order, and cuts none in half', async () => {
  const text = 'a😀b😀c😀d😀'
  const pieces = async function* () {
    yield text.slice(0, 4)
    yield text.slice(4)
  }
  for (let start = 0; start < text.length; start++) {
    const sides = ['', '']
    let whole = ''
    for await (const part of cutText(pieces(), [{ start, end: start + 1 }])) {
      expect(part.text).not.toMatch(/\p{Cs}/u)
      sides[part.isValidation ? 1 : 0] += part.text
      whole += part.text
    }
    expect(whole).toBe(text)
    expect(sides[0]!.length + sides[1]!.length).toBe(text.length)
  }
})
