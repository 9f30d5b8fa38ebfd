import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { expectLossMatches, logSumExp, mean, rows } from '../../../tests/helpers/losses.ts'
import { normals } from '../../../tests/helpers/kernels.ts'
import { tensor1d, tensor2d, type Tensor2D } from '../backend/tfjs.ts'
import distillation from './distillation.ts'

const teacher = normals(12, 'teacher')
const labels = [2, 0, 3]
const asTaught = (logits: unknown, targets: readonly number[] | null = labels) => ({
  taught: {
    logits: logits as Tensor2D,
    teacher: tensor2d(teacher, [3, 4]),
    targets: targets && tensor1d([...targets], 'int32'),
  },
})

await describeOnDevices('distillation', () => {
  it('equals its definition', () =>
    expectLossMatches(
      {
        loss: distillation,
        params: { temperature: 3, alpha: 0.7 },
        shapes: [[3, 4]],
        as: (logits) => asTaught(logits),
      },
      (x) => {
        const logSoftmax = (row: readonly number[], t: number) =>
          row.map((value) => value / t - logSumExp(row.map((other) => other / t)))
        const p = rows(Float64Array.from(teacher), 4)
        return mean(
          rows(x, 4).map((row, n) => {
            const [soft, own] = [logSoftmax(p[n]!, 3), logSoftmax(row, 3)]
            const kl = soft.reduce((sum, value, c) => sum + Math.exp(value) * (value - own[c]!), 0)
            return 0.7 * 9 * kl - 0.3 * logSoftmax(row, 1)[labels[n]!]!
          }),
        )
      },
    ))

  it('leaves out rows whose target is ignored in both terms', async () => {
    const params = { temperature: 3, alpha: 0.7 }
    const some = normals(12, 'student')
    const all = distillation.compute(params, asTaught(tensor2d(some, [3, 4]), [2, -1, 3]))
    const kept = (values: Float32Array) => tensor2d([...values.slice(0, 4), ...values.slice(8)], [2, 4])
    const taught = { logits: kept(some), teacher: kept(teacher), targets: tensor1d([2, 3], 'int32') }
    const two = distillation.compute(params, { taught })
    for (const name of ['soft', 'hard'])
      expect((await all.parts[name]!.data())[0]).toBeCloseTo((await two.parts[name]!.data())[0]!, 5)
    const none = distillation.compute(params, asTaught(tensor2d(some, [3, 4]), [-1, -1, -1]))
    expect((await none.loss.data())[0]).toBe(0)
  })

  it('needs labels unless the teacher alone counts', async () => {
    const logits = tensor2d(teacher, [3, 4])
    const alone = distillation.compute({ temperature: 2, alpha: 1 }, asTaught(logits, null))
    expect((await alone.loss.data())[0]).toBeCloseTo(0, 6)
    const half = () => distillation.compute({ temperature: 2, alpha: 0.5 }, asTaught(logits, null))
    expect(half).toThrow(/needs targets .* got 0\.5/)
  })
})
