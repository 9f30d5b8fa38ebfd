import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { normals } from '../../../tests/helpers/kernels.ts'
import { asLabelled, cosines, expectLossMatches, logSumExp, mean } from '../../../tests/helpers/losses.ts'
import { add, grads, mul, sum, tensor2d, type Tensor, type Tensor2D } from '../backend/tfjs.ts'
import type { LossInputs } from './lossInputs.ts'
import multiLabelContrastive from './multiLabelContrastive.ts'
import supCon from './supCon.ts'

const params = { temperature: 0.5, isTemperatureLearned: false }
/** Row 5 has no label, row 6 one of its own. */
const sets = [[0], [1, 50], [0, 1], [23, 24], [24], [], [49], [50]]

const withSets =
  (sets: readonly (readonly number[])[], count: number) =>
  (x: Tensor): Partial<LossInputs> => {
    const labels = sets.map((set) => Array.from({ length: count }, (_, l) => Number(set.includes(l))))
    return { multiLabelled: { embeddings: x as Tensor2D, labels: tensor2d(labels, [sets.length, count]) } }
  }

await describeOnDevices('multi-label contrastive', () => {
  it('equals its definition: a positive shares a label or more', () =>
    expectLossMatches(
      { loss: multiLabelContrastive, params, shapes: [[8, 3]], as: withSets(sets, 51) },
      (x) => {
        const s = cosines(x!, x!, 3).map((row) => row.map((value) => value / 0.5))
        const rows = s.flatMap((row, i) => {
          const positives = row.filter(
            (_, p) => p !== i && sets[p]!.some((label) => sets[i]!.includes(label)),
          )
          return positives.length === 0 ? [] : [logSumExp(row.filter((_, j) => j !== i)) - mean(positives)]
        })
        return mean(rows)
      },
    ))

  it('gives no gradient to labels', async () => {
    const of = grads((x: Tensor, y: Tensor) => {
      const multiLabelled = { embeddings: x as Tensor2D, labels: y as Tensor2D }
      return add(multiLabelContrastive.compute(params, { multiLabelled }).loss, mul(sum(y), 0))
    })
    const [, ofLabels] = of([tensor2d(normals(6, 'x'), [3, 2]), tensor2d([1, 1, 0, 0, 1, 1], [3, 2])])
    for (const value of await ofLabels!.data()) expect(value).toBe(0)
  })

  it('is supervised contrastive where each row has one label', async () => {
    const x = tensor2d(normals(18, 'x'), [6, 3])
    const labels = [0, 1, 0, 2, 1, 3]
    const found = multiLabelContrastive.compute(
      params,
      withSets(
        labels.map((label) => [label]),
        4,
      )(x),
    ).loss
    const wanted = supCon.compute({ ...params, needsNegatives: false }, asLabelled(labels)(x)).loss
    expect((await found.data())[0]).toBe((await wanted.data())[0])
  })
})
