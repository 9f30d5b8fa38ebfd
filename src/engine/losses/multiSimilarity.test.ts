import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { normals } from '../../../tests/helpers/kernels.ts'
import { asLabelled, cosines, expectLossMatches, mean } from '../../../tests/helpers/losses.ts'
import { tensor2d, valueAndGrad, type Scalar, type Tensor } from '../backend/tfjs.ts'
import multiSimilarity from './multiSimilarity.ts'

const params = { alpha: 2, beta: 20, base: 0.3, isMined: true, epsilon: 0.1 }
const labels = [0, 1, 0, 0, 2, 1, 1]

function slow(x: Float64Array, { alpha, beta, base, isMined, epsilon }: typeof params): number {
  const losses = cosines(x, x, 3).map((row, i) => {
    let positives = row.filter((_, p) => p !== i && labels[p] === labels[i])
    let negatives = row.filter((_, n) => labels[n] !== labels[i])
    if (isMined) {
      const [nearest, farthest] = [Math.max(...negatives), Math.min(...positives)]
      positives = positives.filter((s) => s - epsilon < nearest)
      negatives = negatives.filter((s) => s + epsilon > farthest)
    }
    const sum = (values: number[], factor: number) =>
      values.reduce((total, s) => total + Math.exp(factor * (s - base)), 0)
    return Math.log1p(sum(positives, -alpha)) / alpha + Math.log1p(sum(negatives, beta)) / beta
  })
  return mean(losses)
}

await describeOnDevices('multi-similarity', () => {
  it.each([{ isMined: false }, { isMined: true, epsilon: 0 }, { isMined: true }])(
    'equals its definition: %o',
    (variant) => {
      const all = { ...params, ...variant }
      const as = asLabelled(labels)
      return expectLossMatches({ loss: multiSimilarity, params: all, shapes: [[7, 3]], as }, (x) =>
        slow(x, all),
      )
    },
  )

  it('is finite for extreme sharpness and equal rows, and 0 without pairs', async () => {
    const of = async (classes: number[], beta: number) => {
      const x = normals(12, 'x')
      x.copyWithin(3, 0, 3)
      const run = valueAndGrad(
        (z: Tensor): Scalar => multiSimilarity.compute({ ...params, beta }, asLabelled(classes)(z)).loss,
      )
      const { value, grad } = run(tensor2d(x.slice(0, 3 * classes.length), [classes.length, 3]))
      return [...(await value.data()), ...(await grad.data())]
    }
    for (const beta of [0.01, 1000])
      for (const value of await of([0, 1, 0, 1], beta)) expect(Number.isFinite(value)).toBe(true)
    for (const classes of [[0], [0, 1, 2, 3], [0, 0, 0, 0]])
      for (const value of await of(classes, 50)) expect(Math.abs(value)).toBe(0)
  })
})
