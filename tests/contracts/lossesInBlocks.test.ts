import { describe, expect, it } from 'vitest'
import { BunsenError } from '../../src/core/errors.ts'
import { withScratchBytes } from '../../src/engine/kernels/rowChunks.ts'
import { blockedLosses } from '../helpers/blockedLosses.ts'
import { expectClose } from '../helpers/kernels.ts'
import { evaluate } from '../helpers/lossRuns.ts'

const order = [0, 1, 2, 3, 4, 5, 6]
/** Two of seven rows at a time against seven, one at a time against fourteen. */
const blockBytes = 2 * 4 * order.length * 32

describe('losses that look at every two rows, on the CPU', () => {
  it.each(blockedLosses.map((variant) => [variant.title, variant] as const))(
    '%s: in blocks as in one',
    async (_title, variant) => {
      // All is computed before the first wait.
      const run = () => evaluate(variant, { order, hasSharedIds: true })
      const [whole, parts] = [await run(), await withScratchBytes(blockBytes, run)]
      if (whole instanceof BunsenError || parts instanceof BunsenError) throw new Error(variant.title)
      const numbers = ({ value, gradients, parts: named }: typeof whole) => [
        value,
        ...gradients.flatMap((gradient) => [...gradient]),
        ...Object.values(named),
      ]
      expectClose(numbers(parts), numbers(whole), { rtol: 1e-6, atol: 1e-6 })
      expect(numbers(parts).some((number) => number !== 0)).toBe(true)
    },
  )
})
