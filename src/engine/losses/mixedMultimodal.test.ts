import { it, expect } from 'vitest'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { normals } from '../../../tests/helpers/kernels.ts'
import { asPairs, cosines, expectLossMatches, logSumExp, mean } from '../../../tests/helpers/losses.ts'
import { tensor1d, type Tensor } from '../backend/tfjs.ts'
import type { LossInputs } from './lossInputs.ts'
import mixedMultimodal from './mixedMultimodal.ts'

const params = {
  temperature: 0.4,
  isTemperatureLearned: true,
  pairWeight: 0.5,
  viewWeight: 0.2,
  labelWeight: 0.7,
}
const labels = [0, 1, 0, 2]
const as = (a: Tensor, b: Tensor): Partial<LossInputs> => ({
  labelledPairs: { ...asPairs(a, b).pairs!, labels: tensor1d(labels, 'int32') },
})

/** Mean over rows of logsumexp over all but itself less the mean of its positives. */
function contrast(
  s: readonly number[][],
  isPositive: (i: number, j: number) => boolean,
  excludesSelf: boolean,
): number {
  return mean(
    s.map((row, i) => {
      const others = row.map((value, j) => ({ value, j })).filter(({ j }) => !excludesSelf || j !== i)
      const positives = others.filter(({ j }) => isPositive(i, j))
      return logSumExp(others.map(({ value }) => value)) - mean(positives.map(({ value }) => value))
    }),
  )
}

function slow(a: Float64Array, b: Float64Array, scale: number, weights: typeof params): number {
  const scaled = (x: Float64Array, y: Float64Array) =>
    cosines(x, y, 3).map((row) => row.map((s) => s * scale))
  const z = Float64Array.from([...a, ...b])
  const isOwn = (i: number, j: number) => i === j
  const pairs = (contrast(scaled(a, b), isOwn, false) + contrast(scaled(b, a), isOwn, false)) / 2
  const views = contrast(scaled(z, z), (i, j) => i % 4 === j % 4, true)
  const classes = contrast(scaled(z, z), (i, j) => labels[i % 4] === labels[j % 4], true)
  return weights.pairWeight * pairs + weights.viewWeight * views + weights.labelWeight * classes
}

await describeOnDevices('mixed multimodal', () => {
  it.each([{}, { pairWeight: 0, viewWeight: 0 }])('is the weighted sum of its three: %o', (variant) => {
    const all = { ...params, ...variant }
    return expectLossMatches(
      {
        loss: mixedMultimodal,
        params: all,
        shapes: [
          [4, 3],
          [4, 3],
        ],
        inputs: [normals(12, 'a'), normals(12, 'b'), Float32Array.of(0.8)],
        as,
        scalars: ['logScale'],
      },
      (a, b, logScale) => slow(a!, b!, Math.exp(logScale![0]!), all),
    )
  })

  it('shares one temperature', () => {
    expect(mixedMultimodal.scalars(params)).toEqual({ logScale: -Math.log(0.4) })
  })
})
