import { averagePrecisionOf, retrievalReport } from '../../../src/core/retrievalReport.ts'
import { rankedRows, unitRows } from '../../../src/engine/evaluation/neighbours.ts'
import { ranksOf } from '../../../src/engine/evaluation/retrieval.ts'
import { median } from '../../../src/core/median.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import type { GoldenCase } from '../goldenCase.ts'
import type { GoldenTensor } from '../goldenTensor.ts'
import { asList, asNumber, asNumbers, asRecord } from '../json.ts'
import { Ledger } from '../ledger.ts'
import { Unsupported } from '../unsupported.ts'

/** Rows of two sides: each should find its own among all of the other side, or those with its label. */
export default defineKind({
  id: 'paired-retrieval',
  isFor: (file) => isAbout(file, /paired retrieval/i),
  check(golden) {
    golden.choice('similarity', ['cosine'])
    if (!golden.inputs.has('image')) {
      compareLabelled(golden)
      return Promise.resolve()
    }
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

const shown = 10

function compareLabelled(golden: GoldenCase): void {
  const { comparison, expected, closeness } = golden
  const [query, gallery] = [golden.input('query'), golden.input('gallery')]
  const [queryLabels, galleryLabels] = [
    golden.input('query_labels').values,
    golden.input('gallery_labels').values,
  ]
  const [, width = 0] = query.shape
  const unit = (rows: GoldenTensor) => unitRows({ vectors: Float32Array.from(rows.values), width })
  const [queries, items] = [unit(query), unit(gallery)]
  const orders = Array.from(queryLabels, (_, at) => rankedRows(queries, items, { width, query: at }))
  const rankings = orders.map((order, at) => order.map((item) => galleryLabels[item] === queryLabels[at]))
  const precisions = rankings.map((ranking) => averagePrecisionOf(ranking) ?? 0)
  const whole = retrievalReport(rankings, [])
  const number = (name: string, actual: number) => {
    const stated = expected.takeIfThere(name)
    if (stated !== undefined) comparison.number(name, actual, asNumber(stated, name), closeness)
  }
  number('map', precisions.reduce((sum, value) => sum + value, 0) / precisions.length)
  number('map_over_queries_with_relevant', whole.averagePrecision ?? NaN)
  number('mrr', whole.reciprocalRank)
  const figures = {
    recall_at_k_any_hit: 'anyHit',
    recall_at_k_fraction: 'recall',
    precision_at_k: 'precision',
    ndcg_at_k: 'gain',
  } as const
  for (const [name, figure] of Object.entries(figures)) {
    const stated = expected.takeIfThere(name)
    if (stated === undefined) continue
    for (const [first, value] of Object.entries(asRecord(stated, name))) {
      const [found] = retrievalReport(rankings, [Number(first)]).at
      comparison.number(`${name}.${first}`, found![figure], asNumber(value, `${name}.${first}`), closeness)
    }
  }
  const lists = {
    average_precision_per_query: precisions,
    relevant_per_query: rankings.map((ranking) => ranking.filter((isRight) => isRight).length),
    top10_indices: orders.flatMap((order) => order.slice(0, shown)),
  }
  for (const [name, values] of Object.entries(lists)) {
    const stated = expected.takeIfThere(name)
    if (stated === undefined) continue
    const flat = asList(stated, name).flatMap((row) =>
      Array.isArray(row) ? asNumbers(row, name) : [asNumber(row, name)],
    )
    comparison.close(name, values, flat, closeness)
  }
}

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
