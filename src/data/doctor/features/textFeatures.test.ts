import { expect, it } from 'vitest'
import { textFeatures } from './textFeatures.ts'

const texts = ['ab ab cd', 'ab', '', 'cd ab zz', 'zz']

function row(matrix: ReturnType<typeof textFeatures>, i: number): Map<number, number> {
  const found = new Map<number, number>()
  for (let at = matrix.starts[i]!; at < matrix.starts[i + 1]!; at++)
    found.set(matrix.columns[at]!, matrix.values[at]!)
  return found
}

it('weighs what texts are made of by frequency and rarity, each row of length 1', () => {
  const matrix = textFeatures(texts)
  const rows = texts.map((_, i) => row(matrix, i))
  for (const [i, text] of texts.entries()) {
    const length = Math.hypot(...rows[i]!.values())
    expect(length).toBeCloseTo(text === '' ? 0 : 1, 12)
  }
  // By hand, of the word "ab" and its runs <a, ab, b>, <ab, ab>, <ab>: in three texts of five, the others in two.
  const idf = (documents: number) => Math.log(6 / (1 + documents)) + 1
  expect([...rows[1]!.values()]).toEqual(
    Array.from({ length: 7 }, () => expect.closeTo(1 / Math.sqrt(7), 12)),
  )
  const weights = [
    ...Array.from({ length: 7 }, () => (1 + Math.log(2)) * idf(3)),
    ...Array.from({ length: 7 }, () => idf(2)),
  ]
  const norm = Math.hypot(...weights)
  expect([...rows[0]!.values()]).toEqual(weights.map((weight) => expect.closeTo(weight / norm, 12) as number))
})

it('leaves out what stands in one text alone', () => {
  const matrix = textFeatures(['same words', 'same words alone'])
  expect([...row(matrix, 0).keys()].sort()).toEqual([...row(matrix, 1).keys()].sort())
})

it('holds many more terms than its lists begin with', () => {
  const many = Array.from({ length: 3000 }, (_, i) => `text ${i % 1500} of very many words that stand twice`)
  const matrix = textFeatures(many)
  expect(matrix.columns.length).toBeGreaterThan(65_536)
  expect(matrix.starts[3000]).toBe(matrix.columns.length)
  expect(matrix.values.length).toBe(matrix.columns.length)
  expect(row(matrix, 0)).toEqual(row(matrix, 1500))
})
