import { it } from 'vitest'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { asPairs, cosines, expectLossMatches, logSumExp, mean } from '../../../tests/helpers/losses.ts'
import infoNce from './infoNce.ts'

const params = { temperature: 0.2, isTemperatureLearned: false }

await describeOnDevices('InfoNCE', () => {
  it('equals its definition, in one direction', () =>
    expectLossMatches(
      {
        loss: infoNce,
        params,
        shapes: [
          [4, 3],
          [4, 3],
        ],
        as: asPairs,
      },
      (a, b) => mean(cosines(a, b, 3).map((row, i) => logSumExp(row.map((s) => s / 0.2)) - row[i]! / 0.2)),
    ))
})
