import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { normals } from '../../../tests/helpers/kernels.ts'
import { asPairs, cosines, expectLossMatches, logSumExp, mean } from '../../../tests/helpers/losses.ts'
import { tensor1d, tensor2d, type Tensor } from '../backend/tfjs.ts'
import dynamicTemperature from './dynamicTemperature.ts'

const params = { baseTemperature: 0.3, lowestTemperature: 0.04, highestTemperature: 2 }
const own = [0, 1, 2, 3, 4]
const shapes = [
  [5, 4],
  [5, 4],
]
const rows = [normals(20, 'a'), normals(20, 'b')]

function separationOf(s: readonly number[][], ids: readonly number[]): number {
  const of = (isPositive: boolean) =>
    s.flatMap((row, i) => row.filter((_, j) => (ids[i] === ids[j]) === isPositive))
  return mean(of(true)) - (of(false).length === 0 ? 0 : mean(of(false)))
}

function temperatureOf(separation: number, { baseTemperature, ...limits }: typeof params): number {
  const wanted = baseTemperature * (0.8 + 0.4 * Math.exp(-2 * separation))
  return Math.min(Math.max(wanted, limits.lowestTemperature), limits.highestTemperature)
}

function slow(s: readonly number[][], ids: readonly number[], temperature: number): number {
  const scaled = s.map((row) => row.map((value) => value / temperature))
  const columns = scaled.map((_, j) => scaled.map((row) => row[j]!))
  const oneWay = (all: readonly number[][]) =>
    mean(all.map((row, i) => logSumExp(row) - mean(row.filter((_, j) => ids[j] === ids[i]))))
  return (oneWay(scaled) + oneWay(columns)) / 2
}

await describeOnDevices('dynamic temperature', () => {
  it.each([
    { name: 'within its limits', ids: own, variant: {} },
    { name: 'with ids', ids: [7, 3, 7, 7, 3], variant: {} },
    { name: 'at its lowest', ids: own, variant: { lowestTemperature: 0.8 } },
    { name: 'at its highest', ids: own, variant: { highestTemperature: 0.1 } },
  ])('equals CLIP at a temperature that is a constant to gradients: $name', async ({ ids, variant }) => {
    const all = { ...params, ...variant }
    const as = (a: Tensor, b: Tensor) => ({
      pairs: { ...asPairs(a, b).pairs!, ids: ids === own ? null : tensor1d(ids, 'int32') },
    })
    const [a, b] = rows.map((x) => Float64Array.from(x)) as [Float64Array, Float64Array]
    const separation = separationOf(cosines(a, b, 4), ids)
    const temperature = temperatureOf(separation, all)
    await expectLossMatches({ loss: dynamicTemperature, params: all, shapes, inputs: rows, as }, (x, y) =>
      slow(cosines(x!, y!, 4), ids, temperature),
    )
    const [first, second] = rows.map((x) => tensor2d(x, [5, 4]))
    const { parts } = dynamicTemperature.compute(all, as(first!, second!))
    expect((await parts['temperature']!.data())[0]).toBeCloseTo(temperature, 5)
    expect((await parts['separation']!.data())[0]).toBeCloseTo(separation, 5)
  })

  it('takes one pair, which has no negatives', async () => {
    const one = tensor2d([1, 2], [1, 2])
    const { loss, parts } = dynamicTemperature.compute(params, asPairs(one, one))
    expect((await loss.data())[0]).toBeCloseTo(0, 6)
    expect((await parts['separation']!.data())[0]).toBeCloseTo(1, 5)
  })
})
