import { calibration, type Calibration } from './calibration.ts'
import { auroc, averagePrecision } from './scoreRanking.ts'

/** How well one class is told from all others by its probability; null where all or no items are of it. */
export interface ClassRanking {
  readonly auroc: number | null
  readonly averagePrecision: number | null
}

/** How good the probabilities of classes are, whatever is said by them. Plain data. */
export interface ProbabilityReport {
  /** Mean over items of −ln of the right class, in nats. */
  readonly logLoss: number
  /** Mean over items of the squared errors of all classes, 0 to 2 (Brier 1950). */
  readonly brier: number
  /** Of the likeliest class. */
  readonly calibration: Calibration
  /** By class, in their order. */
  readonly classes: readonly ClassRanking[]
  /** Mean over the classes that have one; null where none has. */
  readonly meanAuroc: number | null
  /** Share of items whose right class is the likeliest, among the likeliest two, and so on, up to five. */
  readonly amongFirst: readonly number[]
}

export interface ClassProbabilities {
  /** [N, C] */
  readonly probabilities: Float64Array
  /** [N], N >= 1: the right class. */
  readonly targets: Int32Array
  readonly numClasses: number
}

const mostFirst = 5

/**
 * @param options.numBins of the calibration
 * @param options.leastProbability a right class with less is as wrong as can be told; by default that of scikit-learn's `log_loss`
 */
export function probabilityReport(
  { probabilities, targets, numClasses }: ClassProbabilities,
  { numBins = 15, leastProbability = Number.EPSILON } = {},
): ProbabilityReport {
  const items = targets.length
  const rows = Array.from({ length: items }, (_, item) =>
    probabilities.subarray(item * numClasses, (item + 1) * numClasses),
  )
  const column = (of: number) => Float64Array.from(rows, (row) => row[of]!)
  const likeliest = rows.map((row) => row.indexOf(Math.max(...row)))
  const mean = (of: (row: Float64Array, target: number) => number) =>
    rows.reduce((sum, row, item) => sum + of(row, targets[item]!), 0) / items
  /** How many classes are likelier than the right one; of equals those that come first. */
  const before = rows.map((row, item) => {
    const own = row[targets[item]!]!
    return row.reduce(
      (count, value, at) => count + Number(value > own || (value === own && at < targets[item]!)),
      0,
    )
  })
  const classes = Array.from({ length: numClasses }, (_, own): ClassRanking => {
    const isOwn = Array.from(targets, (target) => target === own)
    const scores = column(own)
    return { auroc: auroc(scores, isOwn), averagePrecision: averagePrecision(scores, isOwn) }
  })
  const areas = classes.map(({ auroc: area }) => area).filter((area) => area !== null)
  return {
    logLoss: mean((row, target) => -Math.log(Math.max(row[target]!, leastProbability))),
    brier: mean((row, target) =>
      row.reduce((sum, value, at) => sum + (value - Number(at === target)) ** 2, 0),
    ),
    calibration: calibration(
      rows.map((row, item) => row[likeliest[item]!]!),
      likeliest.map((said, item) => said === targets[item]),
      numBins,
    ),
    classes,
    meanAuroc: areas.length === 0 ? null : areas.reduce((sum, area) => sum + area, 0) / areas.length,
    amongFirst: Array.from(
      { length: Math.min(mostFirst, numClasses) },
      (_, first) => before.filter((count) => count <= first).length / items,
    ),
  }
}

/**
 * Mean over every two classes that occur of how well they are told from one another (Hand and Till 2001); null with fewer. Not
 * in the report, since it takes the square of the classes.
 */
export function pairwiseAuroc({ probabilities, targets, numClasses }: ClassProbabilities): number | null {
  const there = [...new Set(targets)]
  const places = new Map(
    there.map((own) => [own, Array.from(targets.keys()).filter((item) => targets[item] === own)]),
  )
  const found = there.flatMap((own) =>
    there.flatMap((other) => {
      if (own === other) return []
      const both = [...places.get(own)!, ...places.get(other)!]
      const area = auroc(
        both.map((item) => probabilities[item * numClasses + own]!),
        both.map((item) => targets[item] === own),
      )
      return area === null ? [] : [area]
    }),
  )
  return found.length === 0 ? null : found.reduce((sum, area) => sum + area, 0) / found.length
}
