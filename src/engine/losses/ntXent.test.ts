import { it } from 'vitest'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { asPairs, cosines, expectLossMatches, logSumExp, mean } from '../../../tests/helpers/losses.ts'
import ntXent from './ntXent.ts'

const params = { temperature: 0.5, isTemperatureLearned: false }

await describeOnDevices('NT-Xent', () => {
  it('equals its definition: the other view among all rows but itself', () =>
    expectLossMatches(
      {
        loss: ntXent,
        params,
        shapes: [
          [4, 3],
          [4, 3],
        ],
        as: asPairs,
      },
      (a, b) => {
        const z = Float64Array.from([...a, ...b])
        const s = cosines(z, z, 3).map((row) => row.map((value) => value / 0.5))
        return mean(s.map((row, i) => logSumExp(row.filter((_, j) => j !== i)) - row[(i + 4) % 8]!))
      },
    ))
})
