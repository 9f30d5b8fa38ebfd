import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { normals } from '../../../tests/helpers/kernels.ts'
import { asLabelled, expectLossMatches, mean, unitRows } from '../../../tests/helpers/losses.ts'
import { tensor2d, valueAndGrad, type Scalar, type Tensor, type Tensor2D } from '../backend/tfjs.ts'
import contrastivePair from './contrastivePair.ts'

const params = {
  distance: 'euclidean',
  isNormalized: true,
  positiveMargin: 0.3,
  negativeMargin: 1.2,
  isSquared: false,
  reducer: 'mean',
}
const labels = [0, 1, 0, 0, 2, 1]

function slow(
  x: Float64Array,
  { positiveMargin, negativeMargin, isSquared, reducer }: typeof params,
): number {
  const z = unitRows(x, 3)
  const of = (missing: number): number => (isSquared ? Math.max(0, missing) ** 2 / 2 : Math.max(0, missing))
  const [pulls, pushes]: [number[], number[]] = [[], []]
  z.forEach((a, i) =>
    z.forEach((b, j) => {
      if (i === j) return
      const apart = Math.hypot(...a.map((value, d) => value - b[d]!))
      if (labels[i] === labels[j]) pulls.push(of(apart - positiveMargin))
      else pushes.push(of(negativeMargin - apart))
    }),
  )
  const counted = (values: number[]) => (reducer === 'mean' ? values : values.filter((value) => value > 0))
  return mean(counted(pulls)) + mean(counted(pushes))
}

await describeOnDevices('contrastive pairs', () => {
  it.each([
    { isSquared: true, reducer: 'mean' },
    { isSquared: false, reducer: 'mean' },
    { isSquared: false, reducer: 'avg-nonzero' },
  ])('equals its definition: %o', (variant) => {
    const all = { ...params, ...variant }
    return expectLossMatches(
      { loss: contrastivePair, params: all, shapes: [[6, 3]], as: asLabelled(labels) },
      (x) => slow(x!, all),
    )
  })

  it('is finite where rows are equal or zero, and 0 where there is no pair', async () => {
    const of = (classes: number[]) =>
      valueAndGrad(
        (x: Tensor): Scalar => contrastivePair.compute(params, asLabelled(classes)(x as Tensor2D)).loss,
      )
    const rows = normals(12, 'x')
    rows.copyWithin(3, 0, 3)
    rows.fill(0, 6, 9)
    const { value, grad } = of([0, 0, 0, 1])(tensor2d(rows, [4, 3]))
    for (const number of [...(await value.data()), ...(await grad.data())])
      expect(Number.isFinite(number)).toBe(true)
    const alone = of([0])(tensor2d(rows.slice(0, 3), [1, 3]))
    expect([...(await alone.value.data()), ...(await alone.grad.data())].map(Math.abs)).toEqual([0, 0, 0, 0])
  })
})
