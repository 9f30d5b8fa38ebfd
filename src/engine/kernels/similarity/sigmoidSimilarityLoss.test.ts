import { expect, it } from 'vitest'
import { describeOnDevices, sizesToTry } from '../../../../tests/helpers/gpu.ts'
import {
  expectFusedMatchesTwin,
  expectMatchesReference,
  type KernelCase,
  valueAndGradients,
} from '../../../../tests/helpers/kernels.ts'
import { sigmoidReference } from '../../../../tests/helpers/similarityReference.ts'
import type { Scalar, Tensor, Tensor2D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { withScratchBytes } from '../rowChunks.ts'
import { sigmoidSimilarityLoss } from './sigmoidSimilarityLoss.ts'
import { oneToOne } from './similarityLoss.ts'

const several = { ...oneToOne, ids: 7, excludesSelf: true, extraNegatives: 2, weight: 0.5 }

/** Chunks of 64 rows. */
function caseOf(shapes: number[][], options: typeof oneToOne): KernelCase {
  const run = (...[a, b, scale, bias]: Tensor[]): Tensor =>
    withScratchBytes(1, () =>
      sigmoidSimilarityLoss(a as Tensor2D, b as Tensor2D, {
        ...options,
        scale: scale as Scalar,
        bias: bias as Scalar,
      }),
    )
  return { shapes: [...shapes, [], []], scale: 0.7, run }
}

await describeOnDevices('sigmoidSimilarityLoss', () => {
  it.each([
    ['each row with its column', oneToOne],
    ['several positives, others left out', several],
    ['without negatives of the batch', { ...several, hasBatchNegatives: false }],
  ])('equals float64 loops and finite differences: %s', async (_name, options) => {
    const { ids, ...rest } = options
    const kernel = caseOf(
      [
        [9, 3],
        [11, 3],
      ],
      options,
    )
    const reference = (...inputs: Float64Array[]): number[] => [
      sigmoidReference(inputs, 3, { ...rest, bias: 0, ids: ids as number }),
    ]
    await expectMatchesReference(kernel, reference, { rtol: 1e-5, atol: 1e-6 })
  })

  it.each(
    sizesToTry([
      [1, 3, 5],
      [63, 65, 8],
      [200, 130, 6],
      [64, 64, 7],
    ] as const),
  )(
    'fused equals its twin: %i rows, %i columns of width %i',
    { timeout: 120_000 },
    async (rows, columns, width) => {
      for (const options of [oneToOne, several]) {
        const shapes = [
          [rows, width],
          [columns, width],
        ]
        await expectFusedMatchesTwin(caseOf(shapes, options), { rtol: 1e-5, atol: 1e-5 })
      }
    },
  )

  it('counts pairs that are far from doubtful, which are most', async () => {
    // 1 + e^-16 is 1 in float32 but for its last digit.
    const run = (x: Tensor): Tensor =>
      tf.tidy(() => {
        const a = tf.mul(x as Tensor2D, 0) as Tensor2D
        return sigmoidSimilarityLoss(a, a, { ...oneToOne, excludesSelf: true, bias: -16 })
      })
    const [loss] = await valueAndGradients({ shapes: [[3, 4]], run })
    const expected = 2 * Math.log1p(Math.exp(-16))
    expect(Math.abs(loss![0]! / expected - 1)).toBeLessThan(2e-6)
  })

  it('is finite for extreme scales and biases', async () => {
    for (const [scale, bias] of [
      [0.01, 0],
      [100, -100],
      [100, 1000],
    ] as const) {
      const run = (a: Tensor, b: Tensor): Tensor =>
        sigmoidSimilarityLoss(a as Tensor2D, b as Tensor2D, { ...oneToOne, scale, bias })
      const shapes = [
        [4, 3],
        [4, 3],
      ]
      const found = await valueAndGradients({ shapes, run: run as KernelCase['run'] })
      for (const values of found) for (const value of values) expect(Number.isFinite(value)).toBe(true)
    }
  })

  it('refuses a bias that is no number', () => {
    const x: Tensor2D = tf.zeros([2, 3])
    const bias = tf.zeros([2]) as unknown as Scalar
    expect(() => sigmoidSimilarityLoss(x, x, { ...oneToOne, bias })).toThrow(/bias: must be float32 \[\]/)
  })
})
