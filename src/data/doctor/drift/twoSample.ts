import type { TwoSample } from '../../../core/drift.ts'
import { Generator } from '../../../core/rng.ts'
import type { SetFeatures } from '../features/setFeatures.ts'
import { heldOutScores } from '../model/heldOut.ts'

/** More items of each set cost minutes and tell no more. */
const mostOfEach = 2000
const fewestOfEach = 20
const mostFeatures = 512

/**
 * Classifier two-sample test (Lopez-Paz and Oquab 2017, "Revisiting classifier two-sample tests"): a model learns from half of
 * as many items of each set which set they are of, and is asked about the other half. Where the sets are alike it is right as
 * often as a coin, so that the p-value is a binomial tail; with pictures or numbers and with texts two models are asked, and
 * the smaller p-value counts twice. Deterministic by seed. Null for fewer than 20 items of either, or nothing to look at.
 * @param features of the items of the first set, then of the second one
 */
export function twoSample(
  { dense, sparse }: SetFeatures,
  counts: readonly [number, number],
  options: { readonly seed: number },
): TwoSample | null {
  const each = Math.min(counts[0], counts[1], mostOfEach)
  if (each < fewestOfEach) return null
  const [first, second] = [0, 1].map((set) =>
    new Generator(options.seed, `doctor two-sample ${set}`).permutation(counts[set]!).subarray(0, each),
  ) as [Int32Array, Int32Array]
  const half = each >> 1
  const of = (from: number, to: number) =>
    Int32Array.from([
      ...first.subarray(from, to),
      ...second.subarray(from, to).map((item) => item + counts[0]),
    ])
  const test = of(half, each)
  const labels = Int32Array.from({ length: counts[0] + counts[1] }, (_, item) => Number(item >= counts[0]))
  const shared = {
    labels,
    numClasses: 2,
    seed: options.seed,
    train: of(0, half),
    test,
    features: mostFeatures,
  }
  const models = [
    ...(dense ? [heldOutScores({ dense }, shared)] : []),
    ...(sparse ? [heldOutScores({ sparse }, shared)] : []),
  ]
  const results = models.map((scores) => {
    // A tie is half right, and counted for neither set.
    const right = test.reduce((sum, item) => sum + won(scores, item, labels[item]!), 0)
    return { accuracy: right / test.length, pValue: binomialTail(Math.floor(right), test.length) }
  })
  const best = results.toSorted((a, b) => a.pValue - b.pValue)[0]
  return best === undefined
    ? null
    : { ...best, pValue: Math.min(1, best.pValue * results.length), tested: test.length }
}

function won(scores: Float64Array, item: number, label: number): number {
  const lead = scores[2 * item + label]! - scores[2 * item + 1 - label]!
  return lead > 0 ? 1 : lead === 0 ? 0.5 : 0
}

/** P(X >= right) for X ~ Binomial(tries, 1/2), summed in logarithms. */
export function binomialTail(right: number, tries: number): number {
  let logarithm = -tries * Math.LN2
  let sum = 0
  for (let k = 0; k <= tries; k++) {
    if (k >= right) sum += Math.exp(logarithm)
    logarithm += Math.log((tries - k) / (k + 1))
  }
  return Math.min(1, sum)
}
