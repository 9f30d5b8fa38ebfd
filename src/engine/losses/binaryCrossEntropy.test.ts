import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { expectLossMatches, mean } from '../../../tests/helpers/losses.ts'
import { tensor1d, tensor2d, type Tensor2D } from '../backend/tfjs.ts'
import binaryCrossEntropy from './binaryCrossEntropy.ts'

const targets = [
  [1, 0, 0.3],
  [0, 1, 1],
]
const flat = targets.flat()

await describeOnDevices('binary cross-entropy', () => {
  it.each([null, [2, 0.5, 1]])('equals its definition, with weights of positives %j', (weights) =>
    expectLossMatches(
      {
        loss: binaryCrossEntropy,
        shapes: [[2, 3]],
        as: (logits) => ({
          binary: {
            logits: logits as Tensor2D,
            targets: tensor2d(targets),
            positiveWeights: weights && tensor1d(weights),
          },
        }),
      },
      (x) =>
        mean(
          [...x].map((value, i) => {
            const [yes, no] = [-Math.log1p(Math.exp(-value)), -Math.log1p(Math.exp(value))]
            return -(weights?.[i % 3] ?? 1) * flat[i]! * yes - (1 - flat[i]!) * no
          }),
        ),
    ),
  )

  it('stays finite for huge logits', async () => {
    const logits = tensor2d([[1e4, -1e4]])
    const binary = { logits, targets: tensor2d([[0, 0]]), positiveWeights: null }
    const { loss } = binaryCrossEntropy.compute({}, { binary })
    expect((await loss.data())[0]).toBe(5000)
  })
})
