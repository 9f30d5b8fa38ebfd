import { it } from 'vitest'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { cosines, expectLossMatches, logSumExp, mean } from '../../../tests/helpers/losses.ts'
import { tensor1d, type Tensor2D } from '../backend/tfjs.ts'
import ntXentLabels from './ntXentLabels.ts'

const params = { temperature: 0.5, isTemperatureLearned: false }
const labels = [0, 1, 0, 0, 2, 1]

await describeOnDevices('NT-Xent over labels', () => {
  it('equals its definition: each pair against the negatives of its first', () =>
    expectLossMatches(
      {
        loss: ntXentLabels,
        params,
        shapes: [[6, 3]],
        as: (x) => ({ labelled: { embeddings: x as Tensor2D, labels: tensor1d(labels, 'int32') } }),
      },
      (x) => {
        const s = cosines(x, x, 3).map((row) => row.map((value) => value / 0.5))
        const pairs = labels.flatMap((label, a) =>
          labels.flatMap((other, p) => (p !== a && other === label ? [[a, p] as const] : [])),
        )
        return mean(
          pairs.map(([a, p]) => {
            const negatives = s[a]!.filter((_, n) => labels[n] !== labels[a])
            return logSumExp([s[a]![p]!, ...negatives]) - s[a]![p]!
          }),
        )
      },
    ))
})
