import { describe, expect, it } from 'vitest'
import type { Part } from '../../core/prepared.ts'
import { competence } from './competence.ts'
import { itemCurricula, windowCurricula } from './curriculum.ts'
import { byDifficulty, easiestCount } from './easiest.ts'
import { difficulties } from './registry.ts'

/** Eight items of up to four tokens; token 0 is common, token 7 comes once. */
const rows = [[0], [0, 0], [0, 0, 1, 1], [1, 2, 3], [2], [0, 0, 0, 0], [7, 0], [3, 1]]
const part: Part = {
  count: rows.length,
  arrays: {
    texts: Int32Array.from(rows.flatMap((row) => [...row, -1, -1, -1, -1].slice(0, 4))),
    textIds: Int32Array.from(rows.keys()),
  },
}
const growing = { startShare: 0.25, overSteps: 100, root: 2 }
const configOf = (kind: string) => ({ kind, ...growing })
/** Made anew each time: it has seen no step. */
const curriculumOf = (kind: string) =>
  itemCurricula({ part, vocabSize: 8, seed: 3 })(configOf(kind), 'Curriculum')

describe('competence', () => {
  it('is the root-p of Platanios et al. at every step, and all from the last on', () => {
    // Their equation 7 for p = 2: sqrt(t (1 - c0^2) / T + c0^2).
    for (const step of [0, 1, 37, 99])
      expect(competence(growing, step)).toBeCloseTo(Math.sqrt((step * (1 - 0.25 ** 2)) / 100 + 0.25 ** 2), 12)
    expect(competence({ ...growing, root: 1 }, 50)).toBeCloseTo(0.25 + 0.75 / 2, 12)
    for (const step of [100, 101, 1e9]) expect(competence(growing, step)).toBe(1)
    expect(competence({ ...growing, startShare: 0 }, 0)).toBe(0)
  })

  it('never falls', () => {
    for (const root of [1, 2, 5])
      for (let step = 1; step < 120; step++)
        expect(competence({ ...growing, root }, step)).toBeGreaterThanOrEqual(
          competence({ ...growing, root }, step - 1),
        )
  })
})

describe('difficulty', () => {
  it('of lengths is the count of tokens, of the longer text of two', () => {
    const found = difficulties.get('length').ofItems(part, 8)
    expect([...found!]).toEqual(rows.map(({ length }) => length))
    const targetTexts = Int32Array.from(rows.flatMap(() => [5, 5, 5, -1]))
    const both = { ...part, arrays: { ...part.arrays, targetTexts } }
    expect([...difficulties.get('length').ofItems(both, 8)!]).toEqual(
      rows.map(({ length }) => Math.max(3, length)),
    )
  })

  it('of rarity is the mean of -log p over the tokens', () => {
    const all = rows.flat()
    const share = (token: number) => all.filter((other) => other === token).length / all.length
    const expected = rows.map(
      (row) => row.reduce((sum, token) => sum - Math.log(share(token)), 0) / row.length,
    )
    const found = difficulties.get('rarity').ofItems(part, 8)!
    expected.forEach((value, item) => expect(found[item]).toBeCloseTo(value, 12))
  })

  it('of rarity of windows is that of their tokens, a last part that is no window left out', () => {
    const tokens = Uint8Array.from([0, 0, 0, 0, 1, 1, 0, 2, 3, 3, 0])
    const share = [6 / 11, 2 / 11, 1 / 11, 2 / 11]
    const found = difficulties.get('rarity').ofWindows({ tokens, seqLen: 4, vocabSize: 4 })!
    expect(found).toHaveLength(2)
    expect(found[0]).toBeCloseTo(-Math.log(share[0]!), 12)
    expect(found[1]).toBeCloseTo(
      -(2 * Math.log(share[1]!) + Math.log(share[0]!) + Math.log(share[2]!)) / 4,
      12,
    )
  })
})

describe('what may be drawn', () => {
  it('is the easiest first, and those as hard in an order that is drawn', () => {
    const difficulty = Float64Array.from({ length: 200 }, (_, i) => (i * 7) % 3)
    const order = byDifficulty(difficulty, 1)
    expect([...order].sort((a, b) => a - b)).toEqual([...difficulty.keys()])
    for (let i = 1; i < 200; i++)
      expect(difficulty[order[i]!]!).toBeGreaterThanOrEqual(difficulty[order[i - 1]!]!)
    expect(byDifficulty(difficulty, 1)).toEqual(order)
    expect(byDifficulty(difficulty, 2)).not.toEqual(order)
    const first = [...order.subarray(0, 67)]
    expect(first, 'not as in the file').not.toEqual([...first].sort((a, b) => a - b))
  })

  it('grows from the share to all, never below one update', () => {
    expect(easiestCount(1000, 0.25, 8)).toBe(250)
    expect(easiestCount(1000, 0, 8)).toBe(8)
    expect(easiestCount(5, 0, 8)).toBe(5)
    expect(easiestCount(1000, 1, 8)).toBe(1000)
    const counts = Array.from({ length: 1001 }, (_, i) => easiestCount(1e6, i / 1000, 1))
    expect(new Set(counts).size, 'in few steps').toBeLessThanOrEqual(129)
    counts.forEach((count, i) => expect(count).toBeGreaterThanOrEqual(i * 1000))
  })

  it.each(['length', 'rarity'])(
    'by %s at a step depends on the data, the seed and the step alone',
    (kind) => {
      const difficulty = difficulties.get(kind).ofItems(part, 8)!
      const straight = curriculumOf(kind)!
      const seen = Array.from({ length: 100 }, (_, step) => straight.at(step, 1)?.slice() ?? null)
      // Taken up anywhere, without having seen the steps before.
      for (const step of [0, 13, 50, 99]) expect(curriculumOf(kind)!.at(step, 1)).toEqual(seen[step])
      expect(straight.at(100, 1)).toBeNull()
      for (const places of seen) {
        if (places === null) continue
        const hardest = Math.max(...[...places].map((place) => difficulty[place]!))
        const others = [...difficulty.keys()].filter((place) => !places.includes(place))
        for (const place of others) expect(difficulty[place]!).toBeGreaterThanOrEqual(hardest)
      }
      expect(seen[0]).toHaveLength(2)
    },
  )

  it('is refused with a way out where there is nothing to compare', () => {
    const bare = itemCurricula({ part: { count: 3, arrays: {} }, vocabSize: undefined, seed: 3 })
    expect(() => bare(configOf('length'), 'Curriculum of stage 2')).toThrow(
      expect.objectContaining({
        code: 'curriculum-kind',
        message: expect.stringMatching(/^Curriculum of stage 2: /) as string,
        remedy: 'Choose no curriculum.',
      }) as Error,
    )
    const windows = windowCurricula({ tokens: new Uint8Array(40), seqLen: 4, vocabSize: 8, seed: 3 })
    expect(() => windows(configOf('length'), 'Curriculum')).toThrow(
      expect.objectContaining({
        code: 'curriculum-kind',
        remedy: expect.stringContaining('Common words first') as string,
      }) as Error,
    )
    expect(windows(configOf('none'), 'Curriculum')).toBeNull()
    expect(curriculumOf('none')).toBeNull()
  })
})
