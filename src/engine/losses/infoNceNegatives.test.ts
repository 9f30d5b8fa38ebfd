import { it } from 'vitest'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { cosines, expectLossMatches, logSumExp, mean } from '../../../tests/helpers/losses.ts'
import type { Tensor2D } from '../backend/tfjs.ts'
import infoNceNegatives from './infoNceNegatives.ts'

const params = { temperature: 0.5, isTemperatureLearned: false }

await describeOnDevices('InfoNCE with given negatives', () => {
  it('equals its definition: other queries’ keys do not count', () =>
    expectLossMatches(
      {
        loss: infoNceNegatives,
        params,
        shapes: [
          [4, 3],
          [4, 3],
          [6, 3],
        ],
        as: (query, key, negatives) => ({
          queries: { query: query as Tensor2D, key: key as Tensor2D, negatives: negatives as Tensor2D },
        }),
      },
      (query, key, negatives) => {
        const [own, others] = [cosines(query!, key!, 3), cosines(query!, negatives!, 3)]
        const rows = own.map((row, i) => [row[i]!, ...others[i]!].map((s) => s / 0.5))
        return mean(rows.map((row) => logSumExp(row) - row[0]!))
      },
    ))
})
