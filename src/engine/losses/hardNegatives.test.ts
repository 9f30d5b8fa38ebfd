import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { normals } from '../../../tests/helpers/kernels.ts'
import { asPairs, cosines, expectLossMatches, mean } from '../../../tests/helpers/losses.ts'
import { tensor1d, tensor2d, valueAndGrads, type Tensor } from '../backend/tfjs.ts'
import clip from './clip.ts'
import hardNegatives from './hardNegatives.ts'
import type { LossInputs } from './lossInputs.ts'

const fixed = { temperature: 0.3, isTemperatureLearned: false }
const params = { ...fixed, strategy: 'top', weight: 3, share: 0.5, band: 0.6 }
const ids = [0, 1, 2, 0, 3, 1, 4]
const shapes = [
  [7, 4],
  [7, 4],
]
const withIds = (a: Tensor, b: Tensor): Partial<LossInputs> => ({
  pairs: { ...asPairs(a, b).pairs!, ids: tensor1d(ids, 'int32') },
})

function oneWay(s: readonly number[][], of: readonly number[], all: typeof params, scale: number): number {
  return mean(
    s.map((row, i) => {
      const positives = row.filter((_, j) => of[j] === of[i])
      const negatives = row.filter((_, j) => of[j] !== of[i])
      const count = Math.ceil(all.share * negatives.length - 1e-4)
      const lowest = negatives.toSorted((x, y) => y - x)[count - 1]!
      const isHard = (x: number): boolean =>
        all.strategy === 'top' ? x >= lowest : x < mean(positives) && x > mean(positives) - all.band
      const sum = negatives.reduce(
        (total, x) => total + (isHard(x) ? all.weight : 1) * Math.exp(x * scale),
        0,
      )
      return mean(positives.map((x) => -Math.log(Math.exp(x * scale) / (Math.exp(x * scale) + sum))))
    }),
  )
}

function slow([a, b, logScale]: readonly Float64Array[], of: readonly number[], all: typeof params): number {
  const s = cosines(a!, b!, 4)
  const scale = logScale === undefined ? 1 / all.temperature : Math.exp(logScale[0]!)
  const columns = s.map((_, j) => s.map((row) => row[j]!))
  return (oneWay(s, of, all, scale) + oneWay(columns, of, all, scale)) / 2
}

await describeOnDevices('hard negatives', () => {
  it.each([{}, { share: 0.1 }, { share: 1 }, { strategy: 'semi-hard' }])(
    'equals its definition: %o',
    (variant) => {
      const all = { ...params, ...variant }
      return expectLossMatches({ loss: hardNegatives, params: all, shapes, as: withIds }, (...inputs) =>
        slow(inputs, ids, all),
      )
    },
  )

  it('takes each row as its own without ids, and learns its scale', () => {
    const all = { ...params, isTemperatureLearned: true }
    const inputs = [normals(28, 'a'), normals(28, 'b'), Float32Array.of(0.9)]
    return expectLossMatches(
      { loss: hardNegatives, params: all, shapes, inputs, as: asPairs, scalars: ['logScale'] },
      (...values) => slow(values, [0, 1, 2, 3, 4, 5, 6], all),
    )
  })

  it('is CLIP where hard negatives count like others', async () => {
    const [a, b] = [tensor2d(normals(12, 'a'), [4, 3]), tensor2d(normals(12, 'b'), [4, 3])]
    const plain = clip.compute({ ...fixed, isNormalized: true }, asPairs(a, b)).loss
    const found = hardNegatives.compute({ ...params, weight: 1 }, asPairs(a, b)).loss
    expect((await found.data())[0]).toBeCloseTo((await plain.data())[0]!, 5)
  })

  it.each(['top', 'semi-hard'])(
    'is finite for one row, equal rows and extreme temperatures: %s',
    async (strategy) => {
      for (const temperature of [0.001, 100])
        for (const count of [1, 3]) {
          const of = valueAndGrads(
            (a: Tensor, b: Tensor) =>
              hardNegatives.compute({ ...params, strategy, temperature }, asPairs(a, b)).loss,
          )
          const x = new Float32Array(3 * count).fill(0.5)
          const { value, grads } = of([tensor2d(x, [count, 3]), tensor2d(x, [count, 3])])
          for (const tensor of [value, ...grads])
            for (const number of await tensor.data()) expect(Number.isFinite(number)).toBe(true)
          if (count === 1) expect((await value.data())[0]).toBe(0)
        }
    },
  )
})
