import { it } from 'vitest'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { asPairs, cosines, expectLossMatches, mean } from '../../../tests/helpers/losses.ts'
import negativeCosine from './negativeCosine.ts'

await describeOnDevices('negative cosine', () => {
  it('equals its definition', () =>
    expectLossMatches(
      {
        loss: negativeCosine,
        shapes: [
          [4, 3],
          [4, 3],
        ],
        as: asPairs,
      },
      (a, b) => -mean(cosines(a, b!, 3).map((row, i) => row[i]!)),
    ))
})
