import { ranksOf } from '../../../src/engine/evaluation/retrieval.ts'
import { median } from '../../../src/core/median.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import type { GoldenCase } from '../goldenCase.ts'
import { asNumber, asNumbers, asRecord } from '../json.ts'
import { Ledger } from '../ledger.ts'
import { Unsupported } from '../unsupported.ts'

/** Rows of two sides, each of which should find its own among all of the other side. */
export default defineKind({
  id: 'paired-retrieval',
  isFor: (file) => isAbout(file, /paired retrieval/i),
  check(golden) {
    if (!golden.inputs.has('image'))
      throw new Unsupported(
        'a query is asked for its own row; queries with many right answers are not ranked',
      )
    golden.choice('similarity', ['cosine'])
    golden.choice('match', ['same row'])
    const [image, text] = [golden.input('image'), golden.input('text')]
    const [count = 0, width = 0] = image.shape
    const pairs = {
      a: Float32Array.from(image.values),
      b: Float32Array.from(text.values),
      ids: Int32Array.from({ length: count }, (_, id) => id),
      width,
    }
    compareRanks(golden, 'image_to_text', ranksOf(pairs, 'a to b'))
    compareRanks(golden, 'text_to_image', ranksOf(pairs, 'b to a'))
    return Promise.resolve()
  },
})

function compareRanks(
  { comparison, expected, closeness }: GoldenCase,
  name: string,
  ranks: Int32Array,
): void {
  const stated = new Ledger(asRecord(expected.take(name), name), name)
  for (const part of stated.names) {
    const value = stated.take(part)
    const most = /^recall_at_(\d+)$/.exec(part)?.[1]
    const where = `${name}.${part}`
    if (part === 'ranks_0_based') {
      comparison.same(
        where,
        ranks.map((rank) => rank - 1),
        asNumbers(value, where),
      )
    } else {
      comparison.number(
        where,
        figureOf(part, ranks, most === undefined ? null : Number(most)),
        asNumber(value, where),
        closeness,
      )
    }
  }
}

function figureOf(part: string, ranks: Int32Array, most: number | null): number {
  if (most !== null) return ranks.filter((rank) => rank <= most).length / ranks.length
  if (part === 'median_rank_1_based') return median([...ranks])
  if (part === 'mean_rank_1_based') return ranks.reduce((sum, rank) => sum + rank, 0) / ranks.length
  throw new Unsupported(`${part} is not told of ranks`)
}
