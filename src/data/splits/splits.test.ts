import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defaultsOf } from '../../core/schema.ts'
import { cutText } from '../cutText.ts'
import { splits } from './registry.ts'

describe.each(splits.all)('the split $id', (split) => {
  it('keeps sorted stretches that do not overlap, and leaves something on both sides', () => {
    const params = { ...defaultsOf(split.fields), blockCharacters: 100 }
    fc.assert(
      fc.property(
        fc.integer({ min: 101, max: split.of === 'items' ? 2000 : 100_000 }),
        fc.double({ min: 0.001, max: 0.5, noNaN: true }),
        fc.nat(),
        (length, fraction, seed) => {
          const kept = split.validation(length, { ...params, fraction }, seed, null)
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
    expect(() => split.validation(1, defaultsOf(split.fields), 0, null)).toThrow(
      /at least \d+ characters.*got 1/,
    )
  })
})

it('tail keeps the end', () => {
  expect(splits.get('tail').validation(1000, { fraction: 0.1 }, 0, null)).toEqual([{ start: 900, end: 1000 }])
})

it('blocks draws by the seed, and from all over the text', () => {
  const draw = (seed: number) =>
    splits.get('blocks').validation(100_000, { fraction: 0.1, blockCharacters: 1000 }, seed, null)
  expect(draw(1)).toEqual(draw(1))
  expect(draw(1)).not.toEqual(draw(2))
  expect(draw(1).length).toBeGreaterThan(5)
})

it('random-items keeps of each class its share, and never the only item of one', () => {
  const labels = Int32Array.from({ length: 1001 }, (_, i) => (i === 1000 ? 200 : i % 200))
  const kept = splits.get('random-items').validation(1001, { fraction: 0.3 }, 4, labels)
  const counts = new Map<number, number>()
  for (const { start } of kept) counts.set(labels[start]!, (counts.get(labels[start]!) ?? 0) + 1)
  // Of five items 1.5: one or two.
  for (let label = 0; label < 200; label++) expect([1, 2]).toContain(counts.get(label))
  expect(counts.has(200)).toBe(false)
  expect(kept).toHaveLength(300)
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
