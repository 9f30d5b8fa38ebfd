import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { expectLossMatches, logSumExp, mean, rows } from '../../../tests/helpers/losses.ts'
import { tensor2d, type Tensor, type Tensor2D } from '../backend/tfjs.ts'
import klDivergence from './klDivergence.ts'

const asTaught = (logits: Tensor, teacher: Tensor) => ({
  taught: { logits: logits as Tensor2D, teacher: teacher as Tensor2D, targets: null },
})
const softmax = (row: readonly number[]) => row.map((value) => Math.exp(value - logSumExp(row)))
const kl = (p: readonly number[], q: readonly number[]) =>
  p.reduce((sum, value, c) => sum + value * Math.log(value / q[c]!), 0)

const definitions: Record<string, (p: number[], q: number[]) => number> = {
  forward: kl,
  reverse: (p, q) => kl(q, p),
  'jensen-shannon'(p, q) {
    const m = p.map((value, c) => (value + q[c]!) / 2)
    return (kl(p, m) + kl(q, m)) / 2
  },
}

await describeOnDevices('KL divergence', () => {
  it.each(Object.entries(definitions))('equals its definition: %s', (direction, definition) =>
    expectLossMatches(
      {
        loss: klDivergence,
        params: { direction },
        shapes: [
          [3, 4],
          [3, 4],
        ],
        as: asTaught,
      },
      (logits, teacher) => {
        const q = rows(logits, 4)
        return mean(rows(teacher!, 4).map((row, n) => definition(softmax(row), softmax(q[n]!))))
      },
    ),
  )

  it('is finite where the two have nothing in common, at most log 2 for Jensen–Shannon', async () => {
    const taught = asTaught(tensor2d([[300, 0]]), tensor2d([[0, 300]]))
    const { loss } = klDivergence.compute({ direction: 'jensen-shannon' }, taught)
    expect((await loss.data())[0]).toBeCloseTo(Math.LN2, 5)
  })
})
