import { expect, it } from 'vitest'
import { checkRandomGraphs } from '../../../tests/helpers/randomGraphs.ts'

// 10,000 of them in tests/nightly.
it('gives in 1,000 random graphs with random edits, byte for byte, what computing from nothing gives', async () => {
  const { graphs, hits, computed, wrong } = await checkRandomGraphs(1000, 1)
  expect([graphs, wrong]).toEqual([1000, []])
  // Else it would have tested nothing.
  expect(hits).toBeGreaterThan(500)
  expect(computed).toBeGreaterThan(500)
})
