import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { normals } from '../../../tests/helpers/kernels.ts'
import { asPairs, expectLossMatches, mean, rows } from '../../../tests/helpers/losses.ts'
import { ones, tensor2d, zeros, type Tensor } from '../backend/tfjs.ts'
import vicReg from './vicReg.ts'

const width = 3
const epsilon = 1e-4
const columns = (z: Float64Array) => {
  const all = rows(z, width)
  return Array.from({ length: width }, (_, d) => all.map((row) => row[d]!))
}
const covarianceOf = (x: number[], y: number[]) =>
  x.reduce((sum, value, i) => sum + (value - mean(x)) * (y[i]! - mean(y)), 0) / (x.length - 1)

const hinge = (z: Float64Array) =>
  mean(columns(z).map((x) => Math.max(0, 1 - Math.sqrt(covarianceOf(x, x) + epsilon))))
const redundancy = (z: Float64Array) =>
  columns(z).reduce(
    (sum, x, i) => sum + columns(z).reduce((part, y, j) => part + (i === j ? 0 : covarianceOf(x, y) ** 2), 0),
    0,
  ) / width

await describeOnDevices('VICReg', () => {
  it.each(['code', 'paper'])('equals its definition as in the %s', async (scaling) => {
    const weights = { invarianceWeight: 2, varianceWeight: 3, covarianceWeight: 0.7 }
    await expectLossMatches(
      {
        loss: vicReg,
        params: { ...weights, epsilon, scaling },
        shapes: [
          [5, width],
          [5, width],
        ],
        as: asPairs,
      },
      (a, b) => {
        const apart = mean([...a!].map((value, i) => (value - b![i]!) ** 2))
        const isCode = scaling === 'code'
        return (
          2 * (isCode ? apart : apart * width) +
          3 * (hinge(a!) + hinge(b!)) * (isCode ? 0.5 : 1) +
          0.7 * (redundancy(a!) + redundancy(b!))
        )
      },
    )
  })

  it('raises the weights of variance and covariance over a ramp, and keeps them there', async () => {
    const weights = { invarianceWeight: 2, varianceWeight: 3, covarianceWeight: 0.7 }
    const params = { ...weights, epsilon, scaling: 'paper', rampSteps: 4 }
    expect(vicReg.state({ ...params, rampSteps: 0 }, { width, batchSize: 5 })).toEqual({})
    let state: { readonly [name: string]: Tensor } = { counted: zeros([1]) }
    for (let step = 0; step < 6; step++) {
      const [a, b] = ['a', 'b'].map((name) => normals(5 * width, `${name} ${step}`)) as [
        Float32Array,
        Float32Array,
      ]
      const pairs = asPairs(tensor2d(a, [5, width]), tensor2d(b, [5, width]))
      const result = vicReg.compute(params, pairs, { scalars: {}, state })
      const [x, y] = [Float64Array.from(a), Float64Array.from(b)]
      const apart = mean([...x].map((value, i) => (value - y[i]!) ** 2)) * width
      const spread = 3 * (hinge(x) + hinge(y)) + 0.7 * (redundancy(x) + redundancy(y))
      const expected = 2 * apart + Math.min(1, (step + 1) / 4) * spread
      expect((await result.loss.data())[0]).toBeCloseTo(expected, 4)
      state = result.state!
    }
  })

  it('refuses a batch of one, which has no variance', () => {
    const one = asPairs(ones([1, width]), ones([1, width]))
    const params = { invarianceWeight: 1, varianceWeight: 1, covarianceWeight: 1, epsilon, scaling: 'code' }
    expect(() => vicReg.compute(params, one)).toThrow(/vicreg: needs at least 2 rows in a batch, got 1/)
  })
})
