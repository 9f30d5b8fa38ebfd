import { it } from 'vitest'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { cosines, expectLossMatches, mean } from '../../../tests/helpers/losses.ts'
import { tensor1d, type Tensor, type Tensor2D } from '../backend/tfjs.ts'
import cosineEmbedding from './cosineEmbedding.ts'

const areSame = [1, 0, 0, 1, 0]

await describeOnDevices('cosine embedding', () => {
  it.each([-0.5, 0.1])('equals its definition with margin %f', async (margin) => {
    await expectLossMatches(
      {
        loss: cosineEmbedding,
        params: { margin },
        shapes: [
          [5, 3],
          [5, 3],
        ],
        as: (a: Tensor, b: Tensor) => ({
          judgedPairs: { a: a as Tensor2D, b: b as Tensor2D, areSame: tensor1d(areSame) },
        }),
      },
      (a, b) => {
        const cosine = cosines(a!, b!, 3).map((row, i) => row[i]!)
        return mean(cosine.map((c, i) => (areSame[i] === 1 ? 1 - c : Math.max(0, c - margin))))
      },
    )
  })
})
