import { expect, it } from 'vitest'
import { checkRandomGraphs } from '../helpers/randomGraphs.ts'

it.each([1, 2])(
  'gives in 10,000 random graphs with random edits, byte for byte, what computing from nothing gives (seed %i)',
  { timeout: 300_000 },
  async (seed) => {
    const { graphs, hits, computed, wrong } = await checkRandomGraphs(10_000, seed)
    expect([graphs, wrong]).toEqual([10_000, []])
    expect(hits).toBeGreaterThan(5000)
    expect(computed).toBeGreaterThan(5000)
  },
)
