import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { normals } from '../../../tests/helpers/kernels.ts'
import { asPairs, cosines, logSumExp, mean, unitRows } from '../../../tests/helpers/losses.ts'
import { grads, tensor2d, type Tensor } from '../backend/tfjs.ts'
import diverseContrastive from './diverseContrastive.ts'

const params = { temperature: 0.2, isTemperatureLearned: false, isNormalized: true, diversityWeight: 0.7 }
const values = [normals(15, 'a'), normals(15, 'b')] as const

function clip(s: number[][]): number {
  const oneWay = (all: number[][]) => mean(all.map((row, i) => logSumExp(row) - row[i]!))
  return (oneWay(s) + oneWay(s[0]!.map((_, j) => s.map((row) => row[j]!)))) / 2
}
const alike = (x: Float64Array) =>
  mean(cosines(x, x, 3).flatMap((row, i) => row.flatMap((s, j) => (i === j ? [] : [s ** 2]))))
const spread = (x: Float64Array) => {
  const unit = unitRows(x, 3)
  return 1 - [0, 1, 2].reduce((sum, d) => sum + mean(unit.map((row) => row[d]!)) ** 2, 0)
}
function slow(a: Float64Array, b: Float64Array, factor: number): number {
  const contrastive = clip(cosines(a, b, 3).map((row) => row.map((s) => s / 0.2)))
  return contrastive + 0.7 * factor * (alike(a) + alike(b))
}

await describeOnDevices('contrastive with diversity', () => {
  it('equals its definition, and its slope is that at a factor which stays', async () => {
    const [x, y] = values.map((each) => Float64Array.from(each)) as [Float64Array, Float64Array]
    const factor = 0.1 + 10 * Math.exp(-5 * (spread(x) + spread(y)))
    const [a, b] = values.map((each) => tensor2d(each, [5, 3]))
    const { loss, parts } = diverseContrastive.compute(params, asPairs(a!, b!))
    expect((await loss.data())[0]).toBeCloseTo(slow(x, y, factor), 5)
    expect((await parts['factor']!.data())[0]).toBeCloseTo(factor, 5)
    const of = grads((p: Tensor, q: Tensor) => diverseContrastive.compute(params, asPairs(p, q)).loss)
    const slopes = await Promise.all(of([a!, b!]).map((slope) => slope.data()))
    for (const [side, values] of [x, y].entries())
      for (const [k, at] of values.entries()) {
        const around = [1e-5, -1e-5].map((h) => {
          values[k] = at + h
          return slow(x, y, factor)
        })
        values[k] = at
        expect(slopes[side]![k]).toBeCloseTo((around[0]! - around[1]!) / 2e-5, 4)
      }
  })
})
