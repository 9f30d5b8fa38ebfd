import { it } from 'vitest'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { asPairs, cosines, expectLossMatches, logSumExp, mean } from '../../../tests/helpers/losses.ts'
import { normals } from '../../../tests/helpers/kernels.ts'
import decoupled from './decoupled.ts'

const params = { temperature: 0.5, isTemperatureLearned: false, isWeighted: false, sigma: 0.5 }
const shapes = [
  [4, 3],
  [4, 3],
]

function slow(a: Float64Array, b: Float64Array, weights: readonly number[]): number {
  const z = Float64Array.from([...a, ...b])
  const s = cosines(z, z, 3).map((row) => row.map((value) => value / 0.5))
  return mean(
    s.map((row, i) => {
      const other = (i + 4) % 8
      return logSumExp(row.filter((_, j) => j !== i && j !== other)) - weights[i % 4]! * row[other]!
    }),
  )
}

await describeOnDevices('decoupled contrastive', () => {
  it('equals its definition: no positive in the denominator', () =>
    expectLossMatches({ loss: decoupled, params, shapes, as: asPairs }, (a, b) => slow(a, b!, [1, 1, 1, 1])))

  it('counts pairs that are apart for more, without a gradient through it', () => {
    const [first, second] = [normals(12, 'a'), normals(12, 'b')]
    const alike = cosines(Float64Array.from(first), Float64Array.from(second), 3).map(
      (row, i) => row[i]! / 0.5,
    )
    const weights = alike.map((value) => 2 - 4 * Math.exp(value - logSumExp(alike)))
    return expectLossMatches(
      {
        loss: decoupled,
        params: { ...params, isWeighted: true },
        shapes,
        inputs: [first, second],
        as: asPairs,
      },
      (a, b) => slow(a, b!, weights),
    )
  })
})
