import { expect, it } from 'vitest'
import { describeOnDevices, sizesToTry } from '../../../../tests/helpers/gpu.ts'
import {
  expectClose,
  expectFusedMatchesTwin,
  expectMatchesReference,
  type KernelCase,
  normals,
  valueAndGradients,
} from '../../../../tests/helpers/kernels.ts'
import {
  accuracyReference,
  columnIdsWithEmpty,
  setsFor,
  similarityReference,
} from '../../../../tests/helpers/similarityReference.ts'
import type { Scalar, Tensor, Tensor2D } from '../../backend/tfjs.ts'
import { LabBackend } from '../../backend/labBackend.ts'
import * as tf from '../../backend/tfjs.ts'
import { l2Normalize } from '../l2Normalize/l2Normalize.ts'
import { withScratchBytes } from '../rowChunks.ts'
import type { SimilarityIds } from './pairOptions.ts'
import { oneToOne, similarityContrast, similarityLoss, type SimilarityOptions } from './similarityLoss.ts'

interface Variant extends Partial<Omit<SimilarityOptions, 'ids' | 'scale' | 'positiveWeights'>> {
  ids?: number
  hasWeights?: boolean
  hasSets?: boolean
}

const variants: Record<string, Variant> = {
  'InfoNCE of rows': {},
  'CLIP in both directions': { directions: 'both' },
  'both directions with several positives': { directions: 'both', ids: 7, excludesSelf: true, weight: 0.3 },
  'decoupled in both directions': { directions: 'both', denominator: 'none', ids: 7, hardness: 0.5 },
  'several positives and a queue': { ids: 7, excludesSelf: true, extraNegatives: 3 },
  'only a queue of fixed keys': { extraNegatives: 3, hasBatchNegatives: false, areColumnsFixed: true },
  'a queue with empty places and known ids': { ids: 7, extraNegatives: 12, areExtraIdsSeen: true },
  'rows that share one of several labels': { ids: 5, hasSets: true, excludesSelf: true, directions: 'both' },
  'decoupled with weights': { denominator: 'none', ids: 7, hasWeights: true },
  'labelled pairs': { denominator: 'own', mean: 'pairs', ids: 7, excludesSelf: true },
  'all positives, by pairs': { mean: 'pairs', ids: 7, hasWeights: true },
  'hard negatives': { hardness: 1, ids: 7 },
  'hard and debiased negatives': { denominator: 'own', hardness: 0.5, positivePrior: 0.05, hasWeights: true },
}

const tolerance = { rtol: 1e-5, atol: 1e-6 }

const weightsOf = (rows: number): number[] => Array.from({ length: rows }, (_, i) => 0.5 + (i % 3) / 2)

function unitRows(count: number, width: number, name: string): Float32Array {
  const values = normals(count * width, name)
  return values.map((value, i) => {
    const row = values.subarray(i - (i % width), i - (i % width) + width)
    return value / Math.sqrt(row.reduce((sum, x) => sum + x * x, 0))
  })
}

/** Where they are not a number. */
function givenIds(rows: number, columns: number, variant: Variant): { ids?: SimilarityIds } {
  const { ids = 1, extraNegatives = 0, hasSets, areExtraIdsSeen } = variant
  if (hasSets) {
    const [ofRows, ofColumns] = [rows, columns].map((count) =>
      tf.tensor2d(setsFor(count, ids), [count, 2], 'int32'),
    )
    return { ids: { rows: ofRows!, columns: ofColumns! } }
  }
  if (!areExtraIdsSeen) return {}
  const rowIds = Array.from({ length: rows }, (_, i) => i % ids)
  const columnIds = columnIdsWithEmpty(columns, ids, extraNegatives)
  return { ids: { rows: tf.tensor1d(rowIds, 'int32'), columns: tf.tensor1d(columnIds, 'int32') } }
}

/** The inputs that get gradients: a, b unless it is fixed, the logarithm of the scale. Chunks of 64 rows. */
function caseOf(
  [rows, columns, width]: readonly [number, number, number],
  variant: Variant,
  compute = similarityLoss,
): KernelCase {
  const { hasWeights = false, hasSets: _, ...options } = variant
  const b = unitRows(columns, width, 'b')
  const run = (...inputs: Tensor[]): Tensor =>
    tf.tidy(() => {
      const [a, other] = inputs as [Tensor2D, Tensor2D]
      const all = {
        ...oneToOne,
        ...options,
        ...givenIds(rows, columns, variant),
        scale: inputs.at(-1) as Scalar,
        positiveWeights: hasWeights ? tf.tensor1d(weightsOf(rows)) : null,
      }
      const second: Tensor2D = inputs.length === 3 ? other : tf.tensor2d(b, [columns, width])
      return withScratchBytes(1, () => compute(a, second, all))
    })
  const sides = [unitRows(rows, width, 'a'), ...(options.areColumnsFixed ? [] : [b])]
  return {
    shapes: [...sides.map((side) => [side.length / width, width]), []],
    inputs: [...sides, Float32Array.of(Math.log(5))],
    run,
  }
}

await describeOnDevices('similarityLoss', () => {
  it.each(Object.entries(variants))(
    'equals float64 loops and finite differences: %s',
    async (_name, variant) => {
      const [rows, columns, width] = [16, 17 + (variant.extraNegatives ?? 0), 3]
      const { hasWeights, ...options } = variant
      const all = { ...oneToOne, ids: 1000, ...options, weights: hasWeights ? weightsOf(rows) : null }
      const fixed = Float64Array.from(unitRows(columns, width, 'b'))
      const reference = (...inputs: Float64Array[]): number[] => [
        similarityReference(inputs.length === 3 ? inputs : [inputs[0]!, fixed, inputs[1]!], width, all),
      ]
      await expectMatchesReference(caseOf([rows, columns, width], variant), reference, tolerance)
    },
  )

  it.each(Object.entries(variants))(
    'fused equals its twin, in one chunk and in two: %s',
    { timeout: 240_000 },
    async (_name, variant) => {
      const one = [1, 1 + (variant.extraNegatives ?? 0), 5] as const
      for (const sizes of sizesToTry([one, [100, 70, 6] as const]))
        await expectFusedMatchesTwin(caseOf([...sizes], variant), tolerance)
    },
  )

  it.each(
    sizesToTry([
      [63, 8],
      [64, 7],
      [1000, 10],
      [65, 12],
    ] as const),
  )('fused equals its twin: %i rows and columns of width %i', { timeout: 240_000 }, async (size, width) => {
    const run = (a: Tensor, b: Tensor): Tensor =>
      similarityLoss(a as Tensor2D, b as Tensor2D, { ...oneToOne, directions: 'both' })
    const shapes = [
      [size, width],
      [size, width],
    ]
    const backend = tf.backend()
    // The twin of 1,000 rows takes SwiftShader ten seconds.
    if (size === 1000 && backend instanceof LabBackend && !backend.isSlowToCompile) return
    await expectFusedMatchesTwin({ shapes, scale: 0.5, run: run as KernelCase['run'] }, tolerance)
  })

  it('tells how often the nearest is a positive, in two chunks', { timeout: 240_000 }, async () => {
    const accuracy: typeof similarityLoss = (...given) => similarityContrast(...given).accuracy
    const found = new Set<number>()
    for (const [name, variant] of Object.entries(variants)) {
      const [rows, columns, width] = [100, 70 + (variant.extraNegatives ?? 0), 6]
      const { inputs, shapes, run } = caseOf([rows, columns, width], variant, accuracy)
      const [told] = await run(...inputs!.map((values, i) => tf.tensor(values, [...shapes[i]!]))).data()
      const sides = [unitRows(rows, width, 'a'), unitRows(columns, width, 'b')].map((x) =>
        Float64Array.from(x),
      )
      const wanted = accuracyReference(sides, width, { ...oneToOne, ids: 1000, ...variant, weights: null })
      expect(told, name).toBeCloseTo(wanted, 5)
      found.add(wanted)
    }
    expect(found.size).toBeGreaterThan(3)
  })

  it('takes a tensor with itself like two that are equal', { timeout: 120_000 }, async () => {
    const options = { ...oneToOne, excludesSelf: true, scale: 5 }
    for (const variant of [
      { ids: 5 },
      { ids: 5, denominator: 'own', mean: 'pairs' },
      { ids: 5, directions: 'both' },
      { ids: 50, denominator: 'none' },
    ] as const) {
      const once = (z: Tensor): Tensor =>
        withScratchBytes(1, () => similarityLoss(z as Tensor2D, z as Tensor2D, { ...options, ...variant }))
      const twice = (z: Tensor): Tensor =>
        tf.tidy(() => similarityLoss(z as Tensor2D, tf.clone(z as Tensor2D), { ...options, ...variant }))
      const inputs = { shapes: [[100, 6]], inputs: [unitRows(100, 6, 'z')] }
      await expectFusedMatchesTwin({ ...inputs, run: once }, tolerance)
      const expected = await valueAndGradients({ ...inputs, run: twice })
      const actual = await valueAndGradients({ ...inputs, run: once })
      actual.forEach((values, k) => expectClose(values, expected[k]!, tolerance))
    }
  })

  it('is finite for extreme temperatures, equal rows and rows of zeros', { timeout: 120_000 }, async () => {
    const rows = unitRows(12, 6, 'z')
    rows.copyWithin(12, 0, 12) // rows 2 and 3 are 0 and 1 again
    rows.fill(0, 24, 30)
    for (const temperature of [0.01, 100])
      for (const [name, variant] of Object.entries(variants)) {
        const { hasWeights: _, areColumnsFixed: __, hasSets: ___, ...options } = variant
        const run = (x: Tensor): Tensor =>
          tf.tidy(() => {
            const z = l2Normalize(x as Tensor2D)
            const given = { ...options, ...givenIds(12, 12, variant) }
            return similarityLoss(z, z, { ...oneToOne, ...given, scale: 1 / temperature })
          })
        const found = await valueAndGradients({ shapes: [[12, 6]], inputs: [rows], run })
        // The gradient of a row of zeros under a normalisation is whatever it is.
        const others = found[1]!.filter((_value, i) => i < 24 || i >= 30)
        for (const value of [...found[0]!, ...others])
          expect(Number.isFinite(value), `${name} at ${temperature}: ${value}`).toBe(true)
        expect(found[1]!.some(Number.isNaN), `${name} at ${temperature}`).toBe(false)
      }
  })

  it('is 0 without a gradient where no row has a positive', async () => {
    const run = (a: Tensor, b: Tensor): Tensor =>
      tf.tidy(() => {
        const ids = { rows: tf.tensor1d([0, 1], 'int32'), columns: tf.tensor1d([2, 3, 4], 'int32') }
        return similarityLoss(a as Tensor2D, b as Tensor2D, { ...oneToOne, ids, directions: 'both' })
      })
    const shapes = [
      [2, 3],
      [3, 3],
    ]
    const found = await valueAndGradients({ shapes, run: run as KernelCase['run'] })
    for (const values of found) for (const value of values) expect(value + 0).toBe(0)
  })

  it('refuses options that do not go together, by name', () => {
    const x: Tensor2D = tf.zeros([2, 3])
    const refusal = (options: Partial<SimilarityOptions>) => () =>
      similarityLoss(x, x, { ...oneToOne, ...options })
    expect(refusal({ directions: 'both', denominator: 'own' })).toThrow(/both directions .* got own/)
    expect(refusal({ positivePrior: 0.1 })).toThrow(/positivePrior needs the denominator own, got all/)
    expect(refusal({ positivePrior: 1, denominator: 'own' })).toThrow(/below 1, got 1/)
    expect(refusal({ areExtraIdsSeen: true })).toThrow(/ids of extra columns .* got the number 1073741824/)
    expect(refusal({ hardness: -1 })).toThrow(/hardness must be at least 0, got -1/)
    expect(refusal({ positiveWeights: tf.ones([3]) })).toThrow(/positiveWeights: must be float32 \[2\]/)
    expect(() => similarityLoss(x, tf.zeros([2, 4]), oneToOne)).toThrow(/similarityLoss b/)
  })
})
