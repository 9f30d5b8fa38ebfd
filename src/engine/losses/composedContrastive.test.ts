import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { normals } from '../../../tests/helpers/kernels.ts'
import { asPairs, cosines, expectLossMatches, mean, rows } from '../../../tests/helpers/losses.ts'
import { defaultsOf } from '../../core/schema.ts'
import * as tf from '../backend/tfjs.ts'
import type { ConfigRecord } from '../ops/typedConfig.ts'
import composedContrastive from './composedContrastive.ts'

const width = 4
const ids = [0, 1, 2, 0, 3]
const defaults = {
  ...defaultsOf(composedContrastive.fields),
  temperature: 0.5,
  weight: 3,
  share: 0.5,
  band: 0.6,
}
type Settings = ConfigRecord
const shapes = [
  [5, width],
  [5, width],
]
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)

/** How many times each negative counts. */
function weightsOf(
  negatives: number[],
  positives: number[],
  { hard, weight, share, band }: Settings,
): number[] {
  const lowest = negatives.toSorted((x, y) => y - x)[Math.ceil(Number(share) * negatives.length - 1e-4) - 1]!
  const top = mean(positives)
  return negatives.map((s) => {
    const isHard = hard === 'top' ? s >= lowest : hard === 'semi-hard' && s < top && s > top - Number(band)
    return isHard ? Number(weight) : 1
  })
}

/** @param kinds 1: positive, -1: negative, 0: neither */
function oneWay(similarities: number[][], kinds: number[][], settings: Settings): number {
  const { joins, denominator, reducer } = settings
  const e = (s: number) => Math.exp(s / 0.5)
  const perAnchor = similarities.map((row, i) => {
    const [positives, negatives] = [1, -1].map((kind) => row.filter((_, j) => kinds[i]![j] === kind)) as [
      number[],
      number[],
    ]
    if (positives.length === 0 || (denominator === 'none' && negatives.length === 0)) return null
    const weights = weightsOf(negatives, positives, settings)
    const others = sum(negatives.map((s, k) => weights[k]! * e(s)))
    const all = sum(positives.map(e))
    const beside = (s: number) => (denominator === 'none' ? 0 : denominator === 'own' ? e(s) : all)
    const pairs = positives.map((s) => -Math.log(e(s) / (beside(s) + others)))
    const together = -Math.log(all / ((denominator === 'none' ? 0 : all) + others))
    return { loss: joins === 'log-sum' ? together : mean(pairs), number: positives.length }
  })
  const counted = perAnchor.filter((each) => each !== null)
  const total = sum(counted.map(({ loss }) => loss))
  if (reducer === 'sum') return total
  if (reducer === 'all-anchors') return total / perAnchor.length
  if (reducer === 'anchors') return total / counted.length
  return sum(counted.map(({ loss, number }) => loss * number)) / sum(counted.map(({ number }) => number))
}

function slow([a, b]: Float64Array[], of: readonly number[], settings: Settings): number {
  const isOfViews = settings['compares'] === 'views'
  const [x, y] = isOfViews ? [Float64Array.of(...a!, ...b!), Float64Array.of(...a!, ...b!)] : [a!, b!]
  const own = isOfViews ? [...of, ...of] : of
  const cosine = cosines(x, y, width)
  const dot = (p: number[], q: number[]) => sum(p.map((value, d) => value * q[d]!))
  const apart = (p: number[], q: number[]) => -sum(p.map((value, d) => (value - q[d]!) ** 2))
  const by = settings['similarity'] === 'dot' ? dot : apart
  const similarities =
    settings['similarity'] === 'cosine'
      ? cosine
      : rows(x, width).map((p) => rows(y, width).map((q) => by(p, q)))
  const kinds = similarities.map((row, i) =>
    row.map((_, j) => {
      if (isOfViews && i === j) return 0
      const isAlike = settings['positives'] === 'alike' && cosine[i]![j]! >= Number(settings['threshold'])
      return own[i] === own[j] || isAlike ? 1 : -1
    }),
  )
  if (isOfViews) return oneWay(similarities, kinds, settings)
  const turned = (matrix: number[][]) => matrix[0]!.map((_, j) => matrix.map((row) => row[j]!))
  return (oneWay(similarities, kinds, settings) + oneWay(turned(similarities), turned(kinds), settings)) / 2
}

await describeOnDevices('contrastive of parts', () => {
  const variants: Settings[] = [
    {},
    { similarity: 'dot' },
    { similarity: 'squared-distance', compares: 'views' },
    { positives: 'alike', threshold: 0.3 },
    { positives: 'alike', threshold: 0.2, compares: 'views', reducer: 'pairs', similarity: 'dot' },
    { joins: 'log-sum' },
    { joins: 'log-sum', denominator: 'none', reducer: 'pairs' },
    { denominator: 'own', reducer: 'pairs' },
    { denominator: 'none', compares: 'views' },
    { reducer: 'sum' },
    { reducer: 'all-anchors', hard: 'top' },
    { hard: 'semi-hard', compares: 'views', denominator: 'own' },
  ]
  it.each(variants)('equals its definition: %o', (variant) => {
    const settings = { ...defaults, ...variant }
    return expectLossMatches(
      {
        loss: composedContrastive,
        params: settings,
        shapes,
        as: (a, b) => ({ pairs: { ...asPairs(a, b).pairs!, ids: tf.tensor1d(ids, 'int32') } }),
      },
      (...sides) => slow(sides, ids, settings),
      { rtol: 5e-5, atol: 1e-5 },
    )
  })

  it('lets the temperature go along a half cosine, and stay', async () => {
    const settings = { ...defaults, temperature: 0.8, finalTemperature: 0.2, temperatureSteps: 4 }
    const pairs = asPairs(tf.tensor2d(normals(20, 'a'), [5, 4]), tf.tensor2d(normals(20, 'b'), [5, 4]))
    let state: { readonly [name: string]: tf.Tensor } = { temperatureCount: tf.zeros([1]) }
    for (let step = 0; step < 6; step++) {
      const result = composedContrastive.compute(settings, pairs, { scalars: {}, state })
      const expected = 0.2 + 0.3 * (1 + Math.cos((Math.PI * Math.min(step, 4)) / 4))
      expect((await result.parts['temperature']!.data())[0]).toBeCloseTo(expected, 5)
      const fixed = composedContrastive.compute({ ...defaults, temperature: expected }, pairs).loss
      expect((await result.loss.data())[0]).toBeCloseTo((await fixed.data())[0]!, 4)
      state = result.state!
    }
    expect(composedContrastive.check({ ...settings, isTemperatureLearned: true })).toEqual([
      { path: ['temperatureSteps'], message: expect.stringMatching(/must be 0 .* got 4/) as string },
    ])
    expect(
      [settings, { ...settings, temperatureSteps: 0, isTemperatureLearned: true }].flatMap(
        composedContrastive.check,
      ),
    ).toEqual([])
  })
})
