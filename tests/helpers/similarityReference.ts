import type { SigmoidSimilarityOptions } from '../../src/engine/kernels/similarity/sigmoidSimilarityLoss.ts'
import type { SimilarityOptions } from '../../src/engine/kernels/similarity/similarityLoss.ts'

type Kinds = Pick<
  SimilarityOptions,
  'excludesSelf' | 'extraNegatives' | 'areExtraIdsSeen' | 'hasBatchNegatives'
> & {
  ids: number
  /** Rows and columns belong together where those of {@link setsFor} share a bit. */
  hasSets?: boolean
}

/** Sets of two words, with one or two bits; every sixth is empty. */
export function setsFor(count: number, ids: number): [number, number][] {
  return Array.from({ length: count }, (_, i) =>
    i % 6 === 5 ? [0, 0] : [2 ** (i % ids), i % 3 === 0 ? 2 ** (30 - (i % 2)) : 0],
  )
}

/** Ids of columns where those of extra ones are seen: every fifth extra place is empty. */
export function columnIdsWithEmpty(columns: number, ids: number, extraNegatives: number): number[] {
  return Array.from({ length: columns }, (_, j) =>
    j >= columns - extraNegatives && j % 5 === 0 ? -1 : j % ids,
  )
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
const dot = (x: Float64Array, y: Float64Array): number =>
  x.reduce((total, value, d) => total + value * y[d]!, 0)

function rowsOf(x: Float64Array, width: number): Float64Array[] {
  return Array.from({ length: x.length / width }, (_, i) => x.subarray(i * width, (i + 1) * width))
}

interface Pair {
  score: number
  kind: 'positive' | 'negative' | 'neither'
}

/** Row by row, what every column is to it. */
function pairsOf(
  [a, b]: [Float64Array, Float64Array],
  { width, scale }: { width: number; scale: number },
  { ids, excludesSelf, extraNegatives, areExtraIdsSeen, hasBatchNegatives, hasSets }: Kinds,
): Pair[][] {
  const columns = rowsOf(b, width)
  const columnIds = columnIdsWithEmpty(columns.length, ids, areExtraIdsSeen ? extraNegatives : 0)
  const rows = rowsOf(a, width)
  const sets = setsFor(Math.max(rows.length, columns.length), ids)
  const isSame = (i: number, j: number): boolean =>
    hasSets === true ? sets[i]!.some((word, w) => (word & sets[j]![w]!) !== 0) : i % ids === j % ids
  return rows.map((x, i) =>
    columns.map((y, j) => {
      const score = scale * dot(x, y)
      if (j >= columns.length - extraNegatives) {
        const isLeftOut = areExtraIdsSeen && (columnIds[j]! < 0 || columnIds[j] === i % ids)
        return { score, kind: isLeftOut ? 'neither' : 'negative' }
      }
      if (excludesSelf && i === j) return { score, kind: 'neither' }
      if (isSame(i, j)) return { score, kind: 'positive' }
      return { score, kind: hasBatchNegatives ? 'negative' : 'neither' }
    }),
  )
}

export interface ReferenceOptions extends Omit<SimilarityOptions, 'ids' | 'scale' | 'positiveWeights'> {
  ids: number
  hasSets?: boolean
  weights: readonly number[] | null
}

function meanOf(rows: readonly Pair[][], scale: number, options: ReferenceOptions): number {
  const { denominator, mean, hardness, positivePrior: prior, weights } = options
  const losses = rows.map((row, i) => {
    const [positives, negatives] = (['positive', 'negative'] as const).map((kind) =>
      row.filter((pair) => pair.kind === kind).map(({ score }) => score),
    ) as [number[], number[]]
    if (denominator === 'none' && negatives.length === 0) return []
    const importance = negatives.map((score) => Math.exp(hardness * score))
    const share = sum(importance) / Math.max(1, negatives.length)
    const hard = sum(negatives.map((score, k) => (importance[k]! / share) * Math.exp(score)))
    const denominatorOf = (score: number): number => {
      if (denominator === 'none') return hard
      if (denominator === 'all') return hard + sum(positives.map(Math.exp))
      const floor = negatives.length * Math.exp(-scale)
      const debiased = (hard - prior * negatives.length * Math.exp(score)) / (1 - prior)
      return Math.exp(score) + (prior === 0 ? hard : Math.max(debiased, floor))
    }
    return positives.map((score) => Math.log(denominatorOf(score)) - (weights?.[i] ?? 1) * score)
  })
  if (mean === 'pairs') return sum(losses.flat()) / Math.max(1, losses.flat().length)
  const counted = losses.filter((row) => row.length > 0)
  return sum(counted.map((row) => sum(row) / row.length)) / Math.max(1, counted.length)
}

/** `similarityLoss` by loops in float64, exactly as its formulas read. */
export function similarityReference(
  [a, b, logScale]: readonly Float64Array[],
  width: number,
  options: ReferenceOptions,
): number {
  const scale = Math.exp(logScale![0]!)
  const rows = pairsOf([a!, b!], { width, scale }, options)
  const ofRows = meanOf(rows, scale, options)
  if (options.directions === 'rows') return options.weight * ofRows
  const columns = rows[0]!.map((_, j) => rows.map((row) => row[j]!))
  return (options.weight / 2) * (ofRows + meanOf(columns, scale, options))
}

/** The accuracy of `similarityContrast` by loops: of rows, and of columns where both directions are asked for. */
export function accuracyReference(
  [a, b]: readonly Float64Array[],
  width: number,
  options: ReferenceOptions,
): number {
  const rows = pairsOf([a!, b!], { width, scale: 1 }, options)
  const shareFound = (all: readonly Pair[][]): number => {
    const found = all.flatMap((row) => {
      const scoresOf = (kind: Pair['kind']) => row.flatMap((pair) => (pair.kind === kind ? [pair.score] : []))
      const [positives, negatives] = [scoresOf('positive'), scoresOf('negative')]
      if (positives.length === 0 || (options.denominator === 'none' && negatives.length === 0)) return []
      const isFound = Math.max(...positives) > Math.max(-Infinity, ...negatives) ? 1 : 0
      return Array<number>(options.mean === 'pairs' ? positives.length : 1).fill(isFound)
    })
    return sum(found) / Math.max(1, found.length)
  }
  if (options.directions === 'rows') return shareFound(rows)
  const columns = rows[0]!.map((_, j) => rows.map((row) => row[j]!))
  return (shareFound(rows) + shareFound(columns)) / 2
}

/** `sigmoidSimilarityLoss` by loops in float64. */
export function sigmoidReference(
  [a, b, logScale, bias]: readonly Float64Array[],
  width: number,
  options: Omit<SigmoidSimilarityOptions, 'ids'> & { ids: number },
): number {
  const scale = Math.exp(logScale![0]!)
  const rows = pairsOf([a!, b!], { width, scale }, options)
  const losses = rows.flat().flatMap(({ score, kind }) => {
    if (kind === 'neither') return []
    const side = kind === 'positive' ? 1 : -1
    return [Math.log1p(Math.exp(-side * (score + bias![0]!)))]
  })
  return (options.weight * sum(losses)) / rows.length
}
