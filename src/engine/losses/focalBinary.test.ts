import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { expectLossMatches, mean } from '../../../tests/helpers/losses.ts'
import { tensor2d, type Tensor2D } from '../backend/tfjs.ts'
import focalBinary from './focalBinary.ts'

const targets = [
  [1, 0, 0],
  [0, 1, 1],
]
const flat = targets.flat()
const asBinary = (logits: unknown) => ({
  binary: { logits: logits as Tensor2D, targets: tensor2d(targets), positiveWeights: null },
})

await describeOnDevices('binary focal', () => {
  it.each([
    [2, true, 0.25],
    [3.5, true, 0.7],
    [1, false, 0.25],
    [0, false, 0.25],
  ])('equals its definition: gamma %f, balanced %s by %f', (gamma, isBalanced, alpha) =>
    expectLossMatches(
      { loss: focalBinary, params: { gamma, isBalanced, alpha }, shapes: [[2, 3]], as: asBinary },
      (x) =>
        mean(
          [...x].map((value, i) => {
            const p = 1 / (1 + Math.exp(-value))
            const right = flat[i] === 1 ? p : 1 - p
            const share = isBalanced ? (flat[i] === 1 ? alpha : 1 - alpha) : 1
            return share * (1 - right) ** gamma * -Math.log(right)
          }),
        ),
    ),
  )

  it('stays finite for huge logits, right ones and wrong ones', async () => {
    const logits = tensor2d([
      [1e4, -1e4, 1e4],
      [1e4, -1e4, 1e4],
    ])
    const { loss } = focalBinary.compute({ gamma: 2, isBalanced: false, alpha: 0 }, asBinary(logits))
    // Three of six are wrong, by 10,000 each.
    expect((await loss.data())[0]).toBe(5000)
  })
})
