import { Generator } from '../core/rng.ts'
import type { Drawing } from './itemBatch.ts'

/** How many items are shown with the text of another. */
const otherShare = 0.5
const fixedSeed = 0

/**
 * Rows [B] of a batch whose texts are shown with its items: their own, or for half of them one of the batch that is another
 * text. Drawn anew for each step; by the items' places alone where `drawing` is null. A batch whose texts are all equal keeps
 * them.
 * @param textIds [B], equal where the texts are
 */
export function shownRows(textIds: Int32Array, places: Int32Array, drawing: Drawing): Int32Array {
  const { seed, step } = drawing ?? { seed: fixedSeed, step: 0 }
  const generator = new Generator(seed, 'shown texts')
  const count = places.length
  return places.map((place, row) => {
    const at = 2 * (drawing === null ? place : drawing.firstRow + row)
    if (generator.uniform(step, at) >= otherShare) return row
    const first = generator.below(count, step, at + 1)
    for (let i = 0; i < count; i++) {
      const other = (first + i) % count
      if (textIds[other] !== textIds[row]) return other
    }
    return row
  })
}
