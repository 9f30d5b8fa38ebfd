import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { normals } from '../../../tests/helpers/kernels.ts'
import { expectLossMatches, mean, rows, unitRows } from '../../../tests/helpers/losses.ts'
import { tensor2d, valueAndGrads, type Tensor, type Tensor2D } from '../backend/tfjs.ts'
import type { LossInputs } from './lossInputs.ts'
import tripletMargin from './tripletMargin.ts'

const params = {
  margin: 0.7,
  isNormalized: false,
  isSquared: false,
  isSwapped: false,
  p: 2,
  epsilon: 0,
  isSummed: false,
}
const shapes = [
  [5, 3],
  [5, 3],
  [5, 3],
]
const asTriplets = (anchor: Tensor, positive: Tensor, negative: Tensor): Partial<LossInputs> => ({
  triplets: {
    anchor: anchor as Tensor2D,
    positive: positive as Tensor2D,
    negative: negative as Tensor2D,
  },
})

function slow(all: readonly Float64Array[], with_: typeof params): number {
  const [a, p, n] = all.map((x) => (with_.isNormalized ? unitRows(x, 3) : rows(x, 3)))
  const apart = (x: readonly number[], y: readonly number[]): number => {
    const sizes = x.map((value, d) => Math.abs(value - y[d]! + with_.epsilon))
    const length =
      with_.p === Infinity
        ? Math.max(...sizes)
        : sizes.reduce((sum, size) => sum + size ** with_.p, 0) ** (1 / with_.p)
    return with_.isSquared ? length ** 2 : length
  }
  const losses = a!.map((anchor, i) => {
    const away = with_.isSwapped
      ? Math.min(apart(anchor, n![i]!), apart(p![i]!, n![i]!))
      : apart(anchor, n![i]!)
    return Math.max(0, apart(anchor, p![i]!) - away + with_.margin)
  })
  return with_.isSummed ? mean(losses) * losses.length : mean(losses)
}

await describeOnDevices('triplet margin', () => {
  it.each([
    { isNormalized: true, isSquared: true },
    { epsilon: 1e-2 },
    { isSwapped: true, isSummed: true },
    { p: 1 },
    { p: 3 },
    { p: 1.5, isSwapped: true },
    { p: Infinity },
  ])('equals its definition: %o', (variant) => {
    const all = { ...params, ...variant }
    return expectLossMatches({ loss: tripletMargin, params: all, shapes, as: asTriplets }, (...inputs) =>
      slow(inputs, all),
    )
  })

  it.each([1, 2, 3, 64, Infinity])('is finite for equal and very long rows with the norm %d', async (p) => {
    const x = normals(15, 'x', 1e5)
    const of = valueAndGrads(
      (...triplet: Tensor[]) =>
        tripletMargin.compute({ ...params, p }, asTriplets(triplet[0]!, triplet[1]!, triplet[2]!)).loss,
    )
    const equal = tensor2d(x, [5, 3])
    const { value, grads } = of([equal, tensor2d(x, [5, 3]), tensor2d(x.toReversed(), [5, 3])])
    for (const tensor of [value, ...grads])
      for (const number of await tensor.data()) expect(Number.isFinite(number)).toBe(true)
  })
})
