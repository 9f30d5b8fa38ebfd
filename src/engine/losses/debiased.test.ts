import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { normals } from '../../../tests/helpers/kernels.ts'
import { asPairs, cosines, expectLossMatches, mean } from '../../../tests/helpers/losses.ts'
import { tensor1d, tensor2d, type Tensor } from '../backend/tfjs.ts'
import debiased from './debiased.ts'
import ntXent from './ntXent.ts'

const temperature = { temperature: 0.5, isTemperatureLearned: false, compares: 'views' }
const shapes = [
  [4, 3],
  [4, 3],
]

/** The same between two sides, from the first. */
function slowSide(s: readonly number[][], ids: readonly number[], beta: number, prior: number): number {
  return mean(
    s.map((row, i) => {
      const scores = row.map((value) => Math.exp(value / 0.5))
      const negatives = scores.filter((_, j) => ids[j] !== ids[i])
      const importance = negatives.map((value) => value ** beta)
      const hard = negatives.reduce((sum, value, n) => sum + importance[n]! * value, 0) / mean(importance)
      const losses = scores.flatMap((own, j) => {
        if (ids[j] !== ids[i]) return []
        const allowed = (hard - prior * negatives.length * own) / (1 - prior)
        return [-Math.log(own / (own + Math.max(allowed, negatives.length * Math.exp(-1 / 0.5))))]
      })
      return mean(losses)
    }),
  )
}

/** As the authors' code has it: `neg`, `imp`, `reweight_neg` and `Ng`. */
function slow(z: Float64Array, beta: number, prior: number): number {
  const s = cosines(z, z, 3).map((row) => row.map((value) => Math.exp(value / 0.5)))
  return mean(
    s.map((row, i) => {
      const other = (i + 4) % 8
      const negatives = row.filter((_, j) => j !== i && j !== other)
      const importance = negatives.map((value) => Math.exp(beta * Math.log(value)))
      const hard = negatives.reduce((sum, value, n) => sum + importance[n]! * value, 0) / mean(importance)
      const allowed = (hard - prior * negatives.length * row[other]!) / (1 - prior)
      const sum = prior === 0 ? hard : Math.max(allowed, negatives.length * Math.exp(-1 / 0.5))
      return -Math.log(row[other]! / (row[other]! + sum))
    }),
  )
}

await describeOnDevices('debiased contrastive', () => {
  it.each([
    { hardness: 1, positivePrior: 0 },
    { hardness: 0, positivePrior: 0.1 },
    { hardness: 0.5, positivePrior: 0.2 },
    { hardness: 0, positivePrior: 0.7 },
  ])('equals its definition: %o', (variant) =>
    expectLossMatches(
      { loss: debiased, params: { ...temperature, ...variant }, shapes, as: asPairs },
      (a, b) => slow(Float64Array.from([...a!, ...b!]), variant.hardness, variant.positivePrior),
    ),
  )

  it('compares the sides, from both, with the positives that ids say', () => {
    const ids = [3, 0, 3, 1]
    const params = { ...temperature, compares: 'sides', hardness: 0.7, positivePrior: 0.1 }
    const as = (a: Tensor, b: Tensor) => ({
      pairs: { ...asPairs(a, b).pairs!, ids: tensor1d(ids, 'int32') },
    })
    return expectLossMatches({ loss: debiased, params, shapes, as }, (a, b) => {
      const s = cosines(a!, b!, 3)
      const columns = s.map((_, j) => s.map((row) => row[j]!))
      return (slowSide(s, ids, 0.7, 0.1) + slowSide(columns, ids, 0.7, 0.1)) / 2
    })
  })

  it('is NT-Xent without either', async () => {
    const [a, b] = [tensor2d(normals(12, 'a'), [4, 3]), tensor2d(normals(12, 'b'), [4, 3])]
    const plain = ntXent.compute(temperature, asPairs(a, b)).loss
    const found = debiased.compute({ ...temperature, hardness: 0, positivePrior: 0 }, asPairs(a, b)).loss
    expect((await found.data())[0]).toBeCloseTo((await plain.data())[0]!, 5)
  })
})
