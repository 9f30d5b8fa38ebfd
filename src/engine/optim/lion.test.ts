import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { expectClose } from '../../../tests/helpers/kernels.ts'
import { stepWith } from '../../../tests/helpers/optimizers.ts'
import lion from './lion.ts'

const start = [1, -2, 0.5, 0, 7]
const path = [
  [0.1, -3, 0, 1e-4, 2],
  [-0.2, 5, 0, 1e-4, -1],
  [0.3, 0.01, 1e3, -1e-4, 0],
]
const rate = 0.05

/** The paper's pseudocode in float64. */
function reference(weightDecay: number): number[] {
  return start.map((first, i) => {
    let [p, m] = [first, 0]
    for (const gradients of path) {
      const g = gradients[i]!
      p -= rate * (Math.sign(0.9 * m + 0.1 * g) + weightDecay * p)
      m = 0.99 * m + 0.01 * g
    }
    return p
  })
}

await describeOnDevices('Lion', () => {
  it('equals plain loops, with and without decay', async () => {
    for (const weightDecay of [0, 1]) {
      const found = await stepWith(lion, { weightDecay }, { start, path, rate })
      expectClose(found, reference(weightDecay), { rtol: 1e-6, atol: 1e-6 })
    }
  })

  it('does not move a weight without a gradient', async () => {
    const found = await stepWith(lion, { weightDecay: 0 }, { start: [3], path: [[0], [0]], rate })
    expect([...found]).toEqual([3])
  })
})
